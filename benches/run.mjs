// Measures the engine against IndexedDB by hand, idb and Dexie, in one headless Chromium after the other.
//
//   node run.mjs --chrome PATH --module FOLDER [--before FOLDER] [--page FOLDER] [--out FILE] [--quick]
//     [--only ROW,ROW] [--back-ends A,B] [--traces FOLDER]
//
// `--before` is the module of an earlier state of the engine: it is measured in the same rounds. `--only` takes the ids of
// rows, and `memory`, `timeline`, `beside`, `texts` and `page`; nothing is prepared that they do not need. `page` opens the built page of
// `--page` on a large log; `page` alone, and `texts` alone, with `--out` renew their part of that file. With `--traces` the recordings of the
// page are kept, to be looked at in DevTools.

import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { measurePage } from './runner/debugger/measure.mjs'
import { debuggerSection } from './runner/debugger/report.mjs'
import { readsBesideWriting } from './runner/beside.mjs'
import { BACK_ENDS, launch } from './runner/browser.mjs'
import { pageSize } from './runner/page-size.mjs'
import { report, summary, withPage, withTexts } from './runner/report.mjs'
import { extras, rows } from './runner/rows.mjs'
import { serve } from './runner/server.mjs'
import { measureTexts, textsSection } from './runner/texts.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))

const { values: given } = parseArgs({
  options: {
    chrome: { type: 'string' },
    module: { type: 'string' },
    before: { type: 'string' },
    page: { type: 'string' },
    out: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    traces: { type: 'string' },
    'back-ends': { type: 'string', default: Object.keys(BACK_ENDS).join(',') },
  },
})

const wanted = given.only?.split(',')
const known = [...rows.map(({ id }) => id), ...Object.keys(extras), 'memory', 'beside', 'texts', 'page']
const unknown = wanted?.filter((id) => !known.includes(id)) ?? []
if (unknown.length > 0) {
  console.error(`there is no row ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(1)
}
const isWanted = (id) => !wanted || wanted.includes(id)
const optionsOf = ({ options, quick }) => ({ ...options, ...(given.quick ? quick : {}) })

/** Rounds of a row: every variant once a round, in turn, after one round that does not count. */
async function measure(pages, row) {
  const options = optionsOf(row)
  const rounds = given.quick ? 3 : row.rounds
  const events = row.perRound?.(options) ?? options.count
  const rates = Object.fromEntries(Object.keys(row.variants).map((variant) => [variant, []]))
  const before = Object.fromEntries(pages.length > 1 ? ours(row).map((variant) => [variant, []]) : [])
  for (let round = 0; round <= rounds; round++) {
    for (const variant of Object.keys(row.variants)) {
      const call = [row.work ?? row.id, variant, options, round]
      for (const [page, into] of [[pages[0], rates], [pages[1], before]]) {
        if (!into[variant]) continue
        // The browser gives a page behind another one less of the processor.
        if (pages.length > 1) await page.bringToFront()
        const ms = await page.evaluate((call) => window.bench.run(...call), call)
        if (round > 0) into[variant].push((events / ms) * 1000)
      }
    }
    process.stdout.write('.')
  }
  process.stdout.write(` ${row.title}\n`)
  return { row, options, rounds, events, rates, before }
}

const ours = (row) => Object.keys(row.variants).filter((variant) => variant.startsWith('leftfold'))

/** Makes what several share, once. */
function preparing(pages) {
  const done = new Set()
  return async (work) => {
    if (!work.prepare || done.has(work.prepare)) return
    done.add(work.prepare)
    for (const page of pages) {
      await page.evaluate(([name, options]) => window.bench[name](options), [work.prepare, optionsOf(work)])
    }
  }
}

async function measureBackEnd(origins, backEnd) {
  const browser = await launch(given.chrome, backEnd)
  try {
    const pages = []
    for (const origin of origins) pages.push(await browser.open(origin))
    const [page] = pages
    const measured = {}
    const prepare = preparing(pages)
    for (const row of rows.filter(({ id }) => isWanted(id))) {
      await prepare(row)
      measured[row.id] = await measure(pages, row)
    }
    let [memory, timeline, beside] = [null, null, null]
    if (isWanted('memory')) {
      await prepare(rows.find(({ id }) => id === 'opening'))
      memory = await page.evaluate(() => window.bench.memory())
    }
    if (isWanted('timeline')) {
      await prepare(extras.timeline)
      timeline = await page.evaluate((options) => window.bench.timeline(options), optionsOf(extras.timeline))
      console.log('. Seeks in a timeline')
    }
    if (isWanted('beside')) beside = await readsBesideWriting(browser, origins[0], given.quick)
    return { backEnd, actual: await browser.backEnd(), version: browser.version, measured, memory, timeline, beside }
  } finally {
    await browser.close()
  }
}

const folders = { '': join(HERE, 'page'), node_modules: join(HERE, 'node_modules') }
const servers = []
for (const pkg of [given.module, given.before].filter(Boolean)) servers.push(await serve({ ...folders, pkg }))
const results = []
const backEnds = given['back-ends'].split(',')
const [isPageAlone, isTextsAlone] = ['page', 'texts'].map((part) => wanted?.join() === part)
for (const backEnd of isPageAlone || isTextsAlone ? [] : backEnds) {
  console.log(`IndexedDB on ${backEnd}`)
  const result = await measureBackEnd(servers.map((server) => server.origin), backEnd)
  if (result.actual !== backEnd) {
    console.log(`this Chromium has no switch to ${backEnd}: its files are ${result.actual}`)
    if (results.some((other) => other.actual === result.actual)) continue
  }
  results.push(result)
  console.log(summary(result))
}
let texts = null
if (isWanted('texts')) {
  texts = await measureTexts({ chrome: given.chrome, backEnd: backEnds[0], origin: servers[0].origin, isQuick: given.quick })
  console.log(textsSection(texts))
}
for (const server of servers) server.close()
let page = null
if (given.page && isWanted('page')) {
  const { chrome, module, quick: isQuick, traces } = given
  page = await measurePage({ chrome, backEnd: backEnds[0], page: given.page, module, isQuick, traces })
  console.log(` The page on a large log\n\n${debuggerSection(page)}`)
}
const size = given.page && isWanted('page') ? await pageSize(given.page) : null
if (given.out) {
  const before = isPageAlone || isTextsAlone ? await readFile(given.out, 'utf8') : ''
  const renewed = () => (isPageAlone ? withPage(before, page, size) : withTexts(before, texts))
  const text = before ? renewed() : report(results, texts, page, size, given.quick)
  await writeFile(given.out, text)
  console.log(`written: ${given.out}`)
}
