// Projections as text: what a fold in the worker costs beside the same handlers in a plain loop, seeks, and the scan of a breakpoint.

import { launch } from './browser.mjs'
import { median, quantile } from './figures.mjs'

export const TEXTS_HEADING = '## Projections as text'

const FOLDS = {
  types: 'events by type: no payload is read',
  payload: 'two members of every payload',
  streams: 'a state for each stream: no payload is read',
}

const SCANS = [
  { name: 'types', expression: "event.eventType === 'StockReleased' && state.StockReleased % 100 === 0" },
  { name: 'payload', expression: 'state.events % 1000 === 0 && state.last !== event.data.sku' },
]

/** Measures in a browser of its own. */
export async function measureTexts({ chrome, backEnd, origin, isQuick }) {
  const browser = await launch(chrome, backEnd)
  const [count, objects, rounds, seeks] = isQuick ? [100_000, 50_000, 2, 200] : [1_000_000, 300_000, 3, 1000]
  try {
    const page = await browser.open(origin)
    const ask = (name, options) => page.evaluate(([name, options]) => window.bench.texts[name](options), [name, options])
    await ask('prepare', { count })
    const found = { count, objects, rounds, version: browser.version, folds: [], scans: [], seeks: [] }
    const measureFold = async (name, title) => {
      const [times, starts] = [[], []]
      let first
      // The first one warms up.
      for (let round = 0; round <= rounds; round++) {
        const { ms, start } = await ask('fold', { name })
        if (round > 0) times.push(ms)
        else first = ms
        starts.push(start)
        process.stdout.write('.')
      }
      found.folds.push({ name, title, rate: (count / median(times)) * 1000, first: (count / first) * 1000, start: median(starts) })
    }
    for (const [name, title] of Object.entries(FOLDS)) await measureFold(name, title)
    for (const { name, expression } of SCANS) {
      const scans = []
      for (let round = 0; round < rounds; round++) scans.push(await ask('scan', { name, expression, least: 1 }))
      found.scans.push({ name, expression, hits: scans[0].hits, rate: (count / median(scans.map(({ ms }) => ms))) * 1000 })
      process.stdout.write('.')
    }
    found.seeks = await ask('seeks', { count, number: seeks })
    await ask('prepareInMemory', { count })
    await measureFold('payload', `${FOLDS.payload}, of a store in memory`)
    await ask('forgetMemory')
    await ask('load', { count: objects })
    for (const fold of found.folds) {
      for (const [into, isParsed] of [['plain', false], ['parsed', true]]) {
        const times = []
        for (let round = 0; round <= rounds * 3; round++) times.push(await ask('plain', { name: fold.name, isParsed }))
        fold[into] = (objects / median(times.slice(1))) * 1000
      }
    }
    console.log(' Projections as text')
    return found
  } finally {
    await browser.close()
  }
}

const whole = (value) => Math.round(value).toLocaleString('en')
const factor = (value) => `×${value.toFixed(2)}`
const time = (ms) => (ms < 10 ? `${ms.toFixed(2)} ms` : `${Math.round(ms)} ms`)

function table(head, lines) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

const verdict = (value, least) => `${factor(value)} (${value >= least ? 'reached' : '**falls short**'}: ×${least})`

export function textsSection({ count, objects, rounds, version, folds, scans, seeks }) {
  const foldLines = folds.map(({ title, rate, plain, parsed }) => [
    title,
    whole(rate),
    whole(plain),
    verdict(rate / plain, 0.5),
    whole(parsed),
    factor(rate / parsed),
  ])
  const scanLines = scans.map(({ name, expression, hits, rate }) => {
    const fold = folds.find((other) => other.name === name)
    return [`\`${expression}\``, whole(hits), whole(rate), verdict(rate / fold.rate, 0.5)]
  })
  const seekLines = seeks.map(({ title, found }) => {
    const times = found.map(({ ms }) => ms)
    const events = found.map(({ folds: folded }) => folded)
    const quantiles = [0.5, 0.95].map((share) => time(quantile(times, share)))
    return [title, whole(found.length), ...quantiles, time(Math.max(...times)), whole(median(events)), whole(Math.max(...events))]
  })
  return [
    TEXTS_HEADING,
    table(
      [`A fold of ${whole(count)} events, in events/s (${rounds} rounds)`, 'text', 'loop over objects', 'against it', 'loop with `JSON.parse`', 'against it'],
      foldLines,
    ),
    table([`A breakpoint over ${whole(count)} events`, 'hits', 'events/s', 'against the fold alone'], scanLines),
    table([`A seek in a text over ${whole(count)} events`, 'seeks', 'p50', 'p95', 'longest', 'folds, p50', 'folds, most'], seekLines),
    `The log is the sample's warehouse, run on; headless Chromium ${version}. *Text* hands the log to the worker,
which keeps states on the way for seeks; its worker and that of a breakpoint are fresh, and the start (p50 ${time(median(folds.map(({ start }) => start)))}) is not in the time. Payloads that
are read come from IndexedDB in each round. Those that are not are fetched once by a handle, to learn which events are JSON: the very first
fold, that of the first row, made ${whole(folds[0].first)} events/s. The *loops* call the
same handlers, with a \`Map\` of states by partition, on the first ${whole(objects)} events, which are objects in memory before the clock starts: nothing
is read, and in the first column nothing is parsed. The loop with \`JSON.parse\` makes every object of its text within the time.`,
  ].join('\n\n')
}
