// The page on a large log: what its main thread does while it opens and while a person looks around.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { launch } from '../browser.mjs'
import { serve } from '../server.mjs'
import { measureFiles } from './files.mjs'
import { interactions } from './interactions.mjs'
import { BEGIN, END, record, workOf } from './trace.mjs'

/** The store of the sample: the page's own simulator goes on writing to it. */
const STORE = 'order-fulfilment'
const EVENTS = { full: 1_000_000, quick: 100_000 }
/** How often each interaction is measured, in turn with the others. */
const ROUNDS = { full: 3, quick: 1 }
/** How long the page is left alone after it has opened, and how long events arrive, in milliseconds. */
const REST_MS = 3_000
const LIVE_MS = 6_000
const LIVE_RATE = 50

/**
 * Makes the log in the browser by the module in `module`, opens the page in `page` on it, and measures. With `traces`, every
 * recording is kept in that folder: DevTools shows them in its Performance panel.
 */
export async function measurePage({ chrome, backEnd, page: built, module, isQuick, traces }) {
  const events = isQuick ? EVENTS.quick : EVENTS.full
  const server = await serve({ '': built, pkg: module, empty: fileURLToPath(new URL('./empty', import.meta.url)) })
  const browser = await launch(chrome, backEnd)
  try {
    const page = await browser.blank({ width: 1440, height: 900 })
    await page.addInitScript({ content: await readFile(new URL('./notes.js', import.meta.url), 'utf8') })
    const session = await page.context().newCDPSession(page)
    const measure = new Measure(page, session, traces)
    await measure.between('start of the page, without a store', 'leftfold:load', 'leftfold:started', async () => {
      await page.goto(server.origin)
      await page.getByRole('button', { name: 'Load sample' }).waitFor()
    })
    await page.evaluate(fill, [STORE, events])
    await open(measure, `${server.origin}/?store=${STORE}`)
    for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round += 1) {
      for (const { title, ready, act, after } of interactions) {
        await ready?.(page, events)
        await measure.while(title, () => act(page, events))
        await after?.(page)
      }
    }
    const filters = await filterByType(measure, page)
    const search = await searchText(measure, page)
    await live(measure, browser, server)
    const files = await measureFiles({ measure, browser, origin: server.origin, address: `${server.origin}/?store=${STORE}` })
    return { events, phases: measure.phases, filters, search, files }
  } finally {
    await browser.close()
    server.close()
  }
}

class Measure {
  /** What was measured, with the work of each of its rounds. */
  phases = []

  constructor(page, session, traces) {
    Object.assign(this, { page, session, traces })
  }

  /**
   * Measures what the page's main thread does while `act` runs. `isUnpaced`: it goes on behind a page that stands still, and
   * has no frames to keep up with.
   */
  while(title, act, more = {}) {
    const acting = async () => {
      await this.page.evaluate((name) => performance.mark(name), BEGIN)
      await act()
      await this.page.evaluate(
        (name) => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.mark(name))))),
        END,
      )
    }
    return this.between(title, BEGIN, END, acting, more)
  }

  /** Measures between two marks that the page sets while `act` runs. */
  async between(title, from, to, act, more = {}) {
    const recorded = await record(this.session, act)
    await this.keep(title, recorded)
    this.add({ title, isOpening: from !== BEGIN, ...more }, workOf(recorded, from, to))
    process.stdout.write('.')
  }

  add(phase, work) {
    const known = this.phases.find(({ title }) => title === phase.title)
    if (known) known.rounds.push(work)
    else this.phases.push({ ...phase, rounds: [work] })
  }

  async keep(title, recorded) {
    if (!this.traces) return
    const name = `${title.replaceAll(/[^a-z]+/g, '-')}.json`
    await writeFile(join(this.traces, name), JSON.stringify({ traceEvents: recorded }))
  }
}

/** Runs in the page. */
async function fill([name, count]) {
  const { default: init, storeSimulated } = await import('/pkg/leftfold_benches.js')
  await init()
  await storeSimulated(name, count)
}

async function open(measure, address) {
  const { page } = measure
  const recorded = await record(measure.session, async () => {
    await page.goto(address)
    await page.waitForFunction(() => window.rowsAreDrawn, null, { polling: 100, timeout: 120_000 })
    await page.waitForTimeout(REST_MS)
    await page.evaluate((name) => performance.mark(name), END)
  })
  await measure.keep('opening', recorded)
  const phase = (title, from, to) => measure.add({ title, isOpening: true }, workOf(recorded, from, to))
  phase('start of the page, with a store', 'leftfold:load', 'leftfold:started')
  phase('opening, until the rows are drawn', 'leftfold:started', 'leftfold:rows')
  phase('the three seconds after it', 'leftfold:rows', END)
}

/** Shows every type alone in turn: milliseconds from the click until its rows are drawn. */
async function filterByType(measure, page) {
  const listed = []
  for (const row of await page.locator('section:has(#f-types) li').all()) {
    const [name, count] = await Promise.all(['name', 'count'].map((part) => row.locator(`.lf-facet__${part}`).textContent()))
    listed.push({ name, count: Number(count.replaceAll(',', '')) })
  }
  if (listed.length === 0) throw new Error('the rail lists no event types')
  const found = []
  await measure.while('filter by each type in turn', async () => {
    for (const { name, count } of listed) {
      const button = page.getByRole('button', { name: `Show only ${name}`, exact: true })
      const drawn = page.evaluate((rows) => window.untilRows(rows), count)
      await button.click()
      found.push({ name, count, ms: await drawn })
      await button.click()
    }
  }, { isUnpaced: true })
  return found
}

/** Searches all payloads for what none has, to the end and cancelled. Milliseconds until progress shows and until each is over. */
async function searchText(measure, page) {
  const progress = '[role=progressbar][aria-label=Search]'
  const until = (what, type) => page.evaluate(([what, ...call]) => window[what](...call), [what, type, progress])
  const field = page.getByLabel('Find in events')
  const found = {}
  await measure.while('text search over the whole log', async () => {
    const [shown, over] = [until('untilThere', 'input'), until('untilGone', 'input')]
    await field.fill('no payload has this')
    found.progressMs = await shown
    found.wholeMs = await over
  }, { isUnpaced: true })
  await measure.while('text search, cancelled', async () => {
    const shown = until('untilThere', 'input')
    await field.fill('nor has any this')
    await shown
    const stopped = until('untilGone', 'click')
    // A short log may be searched by the time that the button is pressed; the page is closed without an answer then.
    stopped.catch(() => {})
    const isCancelled = await page.getByRole('button', { name: 'Cancel search' }).click({ timeout: 1_000 }).then(() => true, () => false)
    if (isCancelled) found.cancelMs = await stopped
  }, { isUnpaced: true })
  await field.fill('')
  return found
}

/** Another tab writes while the log follows. */
async function live(measure, browser, server) {
  const { page } = measure
  const writer = await browser.blank({ width: 800, height: 600 })
  // No page of the engine: only its module.
  await writer.goto(`${server.origin}/empty/index.html`)
  await writer.evaluate(openWarehouse, STORE)
  await page.bringToFront()
  await page.keyboard.press('End')
  await measure.while(`${LIVE_RATE} events a second arrive from another tab, the log follows`, async () => {
    const written = await writer.evaluate(write, [LIVE_RATE, LIVE_MS])
    if (written < (LIVE_RATE * LIVE_MS) / 1000 / 2) console.error(`only ${written} events were written`)
  })
  await writer.close()
}

/** Runs in the other tab. */
async function openWarehouse(name) {
  const { default: init, LiveWarehouse } = await import('/pkg/leftfold_benches.js')
  await init()
  window.warehouse = await LiveWarehouse.open(name)
}

/** Runs in the other tab: writes at a rate for some milliseconds, and says how many events it wrote. */
async function write([rate, ms]) {
  const began = performance.now()
  let written = 0
  for (let passed = 0; passed < ms; passed = performance.now() - began) {
    if (written < (passed / 1000) * rate) written += await window.warehouse.step()
    else await new Promise((done) => setTimeout(done, 5))
  }
  return written
}
