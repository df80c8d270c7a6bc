// A large log as a file, out of the page and in again: how fast, in how much memory, and what else the tab and another one
// can do meanwhile.

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Events that are in the store before a file is imported into it: what the other tab reads. */
const STORED = 20_000
const SAMPLE_MS = 50

const FORMATS = [
  { format: 'NDJSON', extension: 'ndjson' },
  { format: 'Leftfold', extension: 'leftfold.ndjson' },
]

/**
 * Exports the log at `address` in both formats that keep everything, and imports what was written into stores of their own,
 * where another tab reads while the import writes. `origin` has the module that the other tab reads by.
 */
export async function measureFiles({ measure, browser, origin, address }) {
  const { page } = measure
  const folder = await mkdtemp(join(tmpdir(), 'leftfold-bench-'))
  try {
    const found = []
    for (const format of FORMATS) found.push(...(await outAndIn(format)))
    return found
  } finally {
    await rm(folder, { recursive: true, force: true })
  }

  async function outAndIn({ format, extension }) {
    await page.goto(address)
    await page.waitForFunction(() => window.rowsAreDrawn, null, { polling: 100, timeout: 120_000 })
    const path = join(folder, `log.${extension}`)
    const out = await phase(measure, `export as ${format}`, () => exportTo(page, format, path))
    const { size } = await stat(path)
    const store = `read-${format.toLowerCase()}`
    const reader = await browser.blank({ width: 800, height: 600 })
    await reader.goto(`${origin}/empty/index.html`)
    await reader.evaluate(fill, [store, STORED])
    await page.bringToFront()
    const reading = reader.evaluate(readUntilStopped, STORED)
    const into = await phase(measure, `import of ${format}`, () => importFrom(page, path, store))
    await reader.evaluate(() => (window.isStopped = true))
    const reads = await reading
    await reader.close()
    await rm(path)
    return [{ title: `export as ${format}`, bytes: size, ...out }, { title: `import of ${format}`, bytes: size, reads, ...into, events: out.events }]
  }
}

/** Seconds from the click until it is done, and the most memory that the page's process had, beside what it had before. */
async function phase(measure, title, act) {
  const memory = await Memory.of(measure)
  await measure.while(title, async () => {
    const began = performance.now()
    memory.events = await act()
    memory.seconds = (performance.now() - began) / 1000
  }, { isUnpaced: true })
  return memory.end()
}

async function exportTo(page, format, path) {
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Export' })
  await dialog.getByRole('radio', { name: format, exact: true }).check()
  const download = page.waitForEvent('download', { timeout: 600_000 })
  const button = dialog.getByRole('button', { name: /^Export/ })
  const events = Number((await button.innerText()).replace(/\D/g, ''))
  await button.click()
  const file = await download
  await file.saveAs(path)
  return events
}

async function importFrom(page, path, store) {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await (await chooser).setFiles(path)
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Store', { exact: true }).fill(store)
  await dialog.getByRole('button', { name: /^Import/ }).click({ timeout: 120_000 })
  await dialog.getByRole('heading', { name: 'Imported' }).waitFor({ timeout: 600_000 })
  await dialog.getByRole('button', { name: 'Show the log' }).click()
}

/** What the page's process has in memory; only Linux tells, and elsewhere it is not known. */
class Memory {
  peak = 0

  static async of({ page }) {
    const memory = new Memory()
    const browser = await page.context().browser()?.newBrowserCDPSession()
    const { processInfo } = browser ? await browser.send('SystemInfo.getProcessInfo') : { processInfo: [] }
    await browser?.detach()
    memory.processes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
    memory.before = await memory.resident()
    memory.timer = setInterval(async () => {
      memory.peak = Math.max(memory.peak, await memory.resident())
    }, SAMPLE_MS)
    return memory
  }

  async resident() {
    const sizes = await Promise.all(this.processes.map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
    }))
    return Math.max(0, ...sizes)
  }

  end() {
    clearInterval(this.timer)
    const { events, seconds, before, peak } = this
    return { events, seconds, before, peak }
  }
}

/** Runs in the other tab. */
async function fill([name, count]) {
  const { default: init, Store } = await import('/pkg/leftfold_benches.js')
  await init()
  window.store = await Store.open(name, false, 0)
  window.store.prepare(count)
  await window.store.appendCommits(1_000)
}

/** Runs in the other tab: reads 100 events anywhere, again and again, until it is told to stop. Milliseconds of each read. */
async function readUntilStopped(stored) {
  const times = []
  for (let place = 1; !window.isStopped; place = (place * 7919 + 13) % (stored - 100)) {
    const began = performance.now()
    await window.store.readFrom(place + 1, 100)
    times.push(performance.now() - began)
    await new Promise((done) => setTimeout(done, 20))
  }
  return times
}
