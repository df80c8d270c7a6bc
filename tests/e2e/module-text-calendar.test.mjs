// Dates, numbers and words in projections as text: the same wherever somebody looks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

/** What a text makes of dates. Half past one at night in UTC is the day before in New York, and the year is another one. */
const SOURCE = `fromAll().when({ $any(state, event) {
  const date = new Date('2026-01-01T01:30:15.250Z')
  const set = new Date(0)
  set.setFullYear(2026, 5, 7)
  set.setHours(8, 9, 10, 11)
  const local = (text) => { const at = new Date(text); return isNaN(at) ? 'none' : at.toISOString() }
  return {
    parts: [date.getFullYear(), date.getMonth(), date.getDate(), date.getDay(), date.getHours(), date.getMinutes(), date.getYear(), date.getTimezoneOffset()],
    set: set.toISOString(),
    texts: [String(date), date.toDateString(), date.toTimeString(), date + '', new Date(-1e15).toDateString(), String(new Date(NaN)), Date()],
    made: [new Date(2026, 2, 29, 2, 30).toISOString(), new Date(99, 0).toISOString(), new Date(new Date(5)).getTime(), new Date(7).getTime(), new Date({ valueOf: () => 9 }).getTime(), new Date(null).getTime()],
    parsed: ['2026-03-14T09:41', '2026-03-14 09:41:07', '2026-03-14', '2026-03', '2026-03-14T09:41:07+02:00', 'Sat, 14 Mar 2026 09:41:07 GMT', 'Mar 14 2026 09:41',
      '3/14/2026 9:41', 'Sat Mar 14 2026 09:41:07 GMT+0100 (CET)', 'nonsense'].map(local),
    parse: [Date.parse('2026-03-14T09:41'), Object.getOwnPropertyDescriptor(Date, 'parse').value('1970-01-01T00:00'), new (class extends Date {})('1970-01-01T00:00').getTime()],
    own: new Date('2026-03-14T09:41').constructor === Date,
    locale: [date.toLocaleString(), date.toLocaleDateString(), date.toLocaleTimeString(), date.toLocaleDateString('de-DE'), date.toLocaleTimeString(undefined, { hour: '2-digit' }),
      date.toLocaleString('en-GB', { timeZone: 'America/New_York' })].map((text) => text.replace(/\\s/g, ' ')),
    numbers: [(1234567.5).toLocaleString(), 12345n.toLocaleString(), [1234.5, 2].toLocaleString(), (1234.5).toLocaleString('de-DE')],
    words: ['I'.toLocaleLowerCase(), 'i'.toLocaleUpperCase(), ['z', 'ä', 'a'].sort((a, b) => a.localeCompare(b)).join(''), 'ä'.localeCompare('z', 'sv') > 0],
    intl: typeof Intl,
  }
} })`;

const EXPECTED = {
  parts: [2026, 0, 1, 4, 1, 30, 126, 0],
  set: "2026-06-07T08:09:10.011Z",
  texts: [
    "Thu Jan 01 2026 01:30:15 GMT+0000 (Coordinated Universal Time)",
    "Thu Jan 01 2026",
    "01:30:15 GMT+0000 (Coordinated Universal Time)",
    "Thu Jan 01 2026 01:30:15 GMT+0000 (Coordinated Universal Time)",
    "Tue Apr 05 -29719",
    "Invalid Date",
    "Sat Mar 14 2026 09:41:07 GMT+0000 (Coordinated Universal Time)",
  ],
  made: ["2026-03-29T02:30:00.000Z", "1999-01-01T00:00:00.000Z", 5, 7, 9, 0],
  parsed: [
    "2026-03-14T09:41:00.000Z",
    "2026-03-14T09:41:07.000Z",
    "2026-03-14T00:00:00.000Z",
    "2026-03-01T00:00:00.000Z",
    "2026-03-14T07:41:07.000Z",
    "2026-03-14T09:41:07.000Z",
    "2026-03-14T09:41:00.000Z",
    "2026-03-14T09:41:00.000Z",
    "2026-03-14T08:41:07.000Z",
    "none",
  ],
  parse: [Date.UTC(2026, 2, 14, 9, 41), 0, 0],
  own: true,
  locale: ["1/1/2026, 1:30:15 AM", "1/1/2026", "1:30:15 AM", "1.1.2026", "01 AM", "31/12/2025, 20:30:15"],
  numbers: ["1,234,567.5", "12,345", "1,234.5,2", "1.234,5"],
  words: ["i", "I", "aäz", true],
  intl: "undefined",
};

for (const [zone, locale] of [["America/New_York", "tr-TR"], ["Pacific/Chatham", "de-DE"]]) {
  test(`a text gives in ${zone} and ${locale} what it gives everywhere`, async (t) => {
    const { page } = await openModule(t, { locale, env: { ...process.env, TZ: zone } });
    const seen = await inModule(
      page,
      async ({ EventStore }, { freshName }, { source }) => {
        const here = [new Date(2026, 0, 1).toISOString(), (1234.5).toLocaleString()];
        const store = await EventStore.open(freshName(), { storage: "memory" });
        await store.append("a-1", { type: "A", time: "2026-03-14T09:41:07.000Z" });
        const timeline = await store.timeline({ name: "t", source });
        const state = await timeline.stateAt(1);
        timeline.close();
        await store.close();
        return { here, state };
      },
      { source: SOURCE },
    );
    assert.notEqual(seen.here[0], "2026-01-01T00:00:00.000Z", "the browser is in another zone");
    assert.notEqual(seen.here[1], "1,234.5", "the browser has another locale");
    assert.deepEqual(seen.state, EXPECTED);
  });
}
