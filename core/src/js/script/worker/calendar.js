// Dates, numbers and words as they are everywhere: the time zone is UTC and the locale English, whoever looks.

/** The locale of whatever names none. */
const LOCALE = 'en-US'
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A date and a time of day without a zone, which the language takes for local; with a space in the place of the T as well. */
const ZONELESS = /^\s*((?:[+-]\d\d)?\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*$/
/** A date alone, which is one of UTC. */
const DATE_ALONE = /^\s*(?:[+-]\d\d)?\d{4}(?:-\d\d(?:-\d\d)?)?\s*$/
/** What names a zone: an offset behind a time of day, or a name. */
const ZONED = /\d:\d\d.*?(?:[+-]\d\d?(?::?\d\d)?|Z)\s*(?:\(.*\))?\s*$|\b(?:UTC?|GMT|[ECMP][SD]T)\b/i

const nativeDate = {
  parse: harness.Date.parse,
  utc: harness.Date.UTC,
  valueOf: harness.Date.prototype.valueOf,
}

function parseMoment(given) {
  const text = String(given)
  const zoneless = ZONELESS.exec(text)
  if (zoneless) return nativeDate.parse(`${zoneless[1]}T${zoneless[2]}Z`)
  if (DATE_ALONE.test(text) || ZONED.test(text)) return nativeDate.parse(text)
  return nativeDate.parse(`${text} UTC`)
}

/** What `new Date(…)` is given, as a moment that no time zone has a part in. */
function momentOf(given) {
  if (given.length > 1) return nativeDate.utc(...given)
  let [value] = given
  if (value instanceof harness.Date) return Reflect.apply(nativeDate.valueOf, value, [])
  if (value !== null && typeof value === 'object') value = value.valueOf()
  if (value !== null && typeof value === 'object') value = String(value)
  return typeof value === 'string' ? parseMoment(value) : value
}

const padded = (number, length = 2) => String(number).padStart(length, '0')

function dateText(date) {
  const year = date.getUTCFullYear()
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${padded(date.getUTCDate())} ${year < 0 ? '-' : ''}${padded(Math.abs(year), 4)}`
}

const timeText = (date) => `${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}:${padded(date.getUTCSeconds())} GMT+0000 (Coordinated Universal Time)`

/** Puts methods in the place of those that an object has, under the same names and as hard to see. */
function putInPlace(object, methods) {
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true })
}

/** What the time zone of whoever looks has a part in. */
function replaceZone() {
  const { prototype } = harness.Date
  for (const part of ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds']) {
    const own = { [`get${part}`]: prototype[`getUTC${part}`] }
    if (part !== 'Day') own[`set${part}`] = prototype[`setUTC${part}`]
    putInPlace(prototype, own)
  }
  const shown = (text) => ({
    shown() {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : text(this)
    },
  }).shown
  putInPlace(prototype, {
    getTimezoneOffset() {
      return this.getTime() * 0
    },
    getYear() {
      return this.getUTCFullYear() - 1900
    },
    setYear(year) {
      const full = Math.trunc(Number(year))
      return this.setUTCFullYear(full >= 0 && full <= 99 ? 1900 + full : full)
    },
    toString: shown((date) => `${dateText(date)} ${timeText(date)}`),
    toDateString: shown(dateText),
    toTimeString: shown(timeText),
  })
  Object.defineProperty(harness.Date, 'parse', { value: parseMoment, writable: false, enumerable: false, configurable: false })
}

/** What the locale has a part in, where the text names none; dates have the time zone UTC, where it names none. */
function replaceLocale() {
  const named = (locales) => (locales === undefined ? LOCALE : locales)
  const withLocale = (native) => ({
    localized(locales, options) {
      return Reflect.apply(native, this, [named(locales), options])
    },
  }).localized
  const { prototype: dates } = harness.Date
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const native = dates[name]
    const localized = {
      localized(locales, options) {
        // Members that the options have from elsewhere count as well.
        const inZone = options === undefined || Object(options).timeZone === undefined ? Object.assign(Object.create(options ?? null), { timeZone: 'UTC' }) : options
        return Reflect.apply(native, this, [named(locales), inZone])
      },
    }.localized
    putInPlace(dates, { [name]: localized })
  }
  putInPlace(Number.prototype, { toLocaleString: withLocale(Number.prototype.toLocaleString) })
  putInPlace(BigInt.prototype, { toLocaleString: withLocale(BigInt.prototype.toLocaleString) })
  const compare = String.prototype.localeCompare
  putInPlace(String.prototype, {
    toLocaleLowerCase: withLocale(String.prototype.toLocaleLowerCase),
    toLocaleUpperCase: withLocale(String.prototype.toLocaleUpperCase),
    localeCompare(that, locales, options) {
      return Reflect.apply(compare, this, [that, named(locales), options])
    },
  })
}
