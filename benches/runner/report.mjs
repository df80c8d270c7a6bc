// The results as text for the terminal and as Markdown.

import { cpus, loadavg, platform, release, totalmem } from 'node:os'

import { debuggerSection } from './debugger/report.mjs'
import { median, quantile, ratio } from './figures.mjs'
import { TEXTS_HEADING, textsSection } from './texts.mjs'

const count = (value) => Math.round(value).toLocaleString('en')
const factor = (value) => `×${value < 10 ? value.toFixed(2) : value.toFixed(1)}`
const time = (ms) => (ms < 10 ? `${ms.toFixed(2)} ms` : `${Math.round(ms)} ms`)

function ratesOf(result, name) {
  const [row, variant] = name.split('.')
  return result.measured[row]?.rates[variant]
}

/** The figures to reach, with what was measured: `[text, ratio, least]`. */
function goals(result) {
  const found = []
  for (const { row } of Object.values(result.measured)) {
    for (const { text, ours, theirs, least } of row.goals) {
      const [a, b] = [ratesOf(result, ours), ratesOf(result, theirs)]
      if (a && b) found.push({ text, value: a.length === b.length ? ratio(a, b) : median(a) / median(b), least })
    }
  }
  return found
}

const verdict = ({ value, least }) => (least === undefined ? '' : value >= least ? 'reached' : '**falls short**')

function table(head, lines) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

function rateTable({ row, events, rounds, rates, before }) {
  const first = Object.values(rates)[0]
  const isCompared = Object.keys(before).length > 0
  const lines = Object.entries(row.variants).map(([variant, title]) => [
    title,
    count(median(rates[variant])),
    time((events / median(rates[variant])) * 1000),
    factor(ratio(rates[variant], first)),
    ...(isCompared ? [before[variant] ? factor(ratio(rates[variant], before[variant])) : ''] : []),
  ])
  const head = [`${row.title} (${count(events)} events, ${rounds} rounds)`, 'events/s', 'time', 'against the first', ...(isCompared ? ['against before'] : [])]
  return table(head, lines)
}

function memoryTable({ events, resident, before, after, segments, index }) {
  const lines = [
    ['events', count(events)],
    ['segments', count(segments)],
    ['bytes of index records an event, stored', (index / events).toFixed(1)],
    ['resident bytes an event (`stats().resident_bytes`)', `${(resident / events).toFixed(1)} (at most 64)`],
    ['memory of the wasm module, before → after opening', `${count(before / 2 ** 20)} MiB → ${count(after / 2 ** 20)} MiB`],
  ]
  return table(['An open store of many events', ''], lines)
}

const bytes = (value) => (value < 2 ** 20 ? `${count(value / 2 ** 10)} KiB` : `${count(value / 2 ** 20)} MiB`)

function seekTable({ events, found }) {
  const lines = found.map(({ title, times, folds }) => [
    title,
    count(times.length),
    time(quantile(times, 0.5)),
    time(quantile(times, 0.95)),
    time(Math.max(...times)),
    folds.length > 0 ? count(median(folds)) : '',
    folds.length > 0 ? count(Math.max(...folds)) : '',
  ])
  const head = [`A seek in a timeline of ${count(events)} events`, 'seeks', 'p50', 'p95', 'longest', 'folds, p50', 'folds, most']
  return table(head, lines)
}

function timelineTable({ events, whole, streams, resident }) {
  const line = (text, value) => [text, value(whole), value(streams)]
  const lines = [
    line('built in', ({ ms }) => `${time(ms)}, ${count((events / ms) * 1000)} events/s`),
    line('keyframes', ({ keyframes }) => count(keyframes)),
    line('events between two keyframes of a partition', ({ spacing }) => count(spacing)),
    line('bytes an event: keyframes', ({ keptBytes }) => (keptBytes / events).toFixed(1)),
    line('bytes an event: which events a partition has', ({ indexBytes }) => (indexBytes / events).toFixed(1)),
    line('bytes an event: index of the log, which the store has anyway', () => (resident / events).toFixed(1)),
    line('memory of the wasm module, before → after building', ({ before, after }) => `${bytes(before)} → ${bytes(after)}`),
  ]
  return table([`A timeline of ${count(events)} events`, 'one read model', 'a read model for each of 10,000 streams'], lines)
}

function besideTable({ events, count: written, found }) {
  const lines = found.map(({ title, times, rate }) => [
    title,
    count(times.length),
    time(quantile(times, 0.5)),
    time(quantile(times, 0.95)),
    time(Math.max(...times)),
    rate ? count(rate) : '',
  ])
  const head = [
    `A read of 100 events out of ${count(events)} while a bulk append stores ${count(written)}`,
    'reads',
    'p50',
    'p95',
    'longest',
    'events/s of the import',
  ]
  return table(head, lines)
}

function goalTable(result) {
  const lines = goals(result).map((goal) => [
    goal.text,
    factor(goal.value),
    goal.least === undefined ? 'reported' : `×${goal.least}`,
    verdict(goal),
  ])
  if (result.beside) {
    for (const { title, times } of result.beside.found.filter(({ title }) => title.startsWith('import'))) {
      const p50 = quantile(times, 0.5)
      const isReached = p50 < 2 ? 'reached' : '**falls short**'
      lines.push([`a read while a bulk import runs: ${title}`, `p50 ${time(p50)}`, 'p50 below 2 ms', isReached])
    }
  }
  if (result.timeline) {
    const [seeks, , drag] = result.timeline.found
    for (const { title, times, folds } of [seeks, drag]) {
      const p95 = quantile(times, 0.95)
      const isReached = p95 < 4 ? 'reached' : '**falls short**'
      lines.push([`a seek in ${count(result.timeline.events)} events: ${title}`, `p95 ${time(p95)}`, 'p95 below 4 ms', isReached])
      const most = Math.max(...folds)
      lines.push(['the same: events folded', `at most ${count(most)}`, 'at most 1,000', most <= 1000 ? 'reached' : '**falls short**'])
    }
  }
  if (result.memory) {
    const each = result.memory.resident / result.memory.events
    const isReached = each <= 64 ? 'reached' : '**falls short**'
    lines.push(['resident bytes an event, 1,000,000 events', each.toFixed(1), 'at most 64', isReached])
  }
  return table(['work', 'measured', 'to reach', ''], lines)
}

function sizeTable(size) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1)
  const kinds = Object.entries(size)
  const code = kinds.filter(([kind]) => kind === '.wasm' || kind === '.js')
  const sum = (way) => code.reduce((total, [, bytes]) => total + bytes[way], 0)
  const lines = kinds.map(([kind, bytes]) => [kind, kilobytes(bytes.plain), kilobytes(bytes.gzip), kilobytes(bytes.brotli)])
  lines.push(['wasm + js (at most 250)', kilobytes(sum('plain')), kilobytes(sum('gzip')), kilobytes(sum('brotli'))])
  return table(['The page, kB', 'plain', 'gzip -9', 'brotli -q 11'], lines)
}

/** What the terminal shows of one back end. */
export function summary(result) {
  return `${tables(result)}\n\n${goalTable(result)}`
}

const HOW = `\
## What each row does

- Every event is 250 bytes of JSON text. The values that become events are made before the clock starts; what turns them
  into bytes (serde in Leftfold, \`JSON.stringify\` and \`TextEncoder\` by hand, structured cloning for objects) is timed.
  Only the row of the bulk append has the making of the values in its time.
- A round runs every variant once, in turn; the first round does not count. A figure is the median of the rounds; a
  ratio is the median of the rounds' ratios, so that what slows the machine for a while slows both sides.
- Every writing variant starts with an empty database of its own. Opening and deleting it is not timed.
- Leftfold's appends carry an exact expected version, give every event an id and a time and chain the records by hash.
  Sealing into segments waits for a pause in the appends, or for 8 MiB of them; most of it comes after the clock of the
  rows that write. By hand nothing is checked, and only the payload is stored.
- *by hand, packed* stores one array per 1,000 events: four bytes of length and the JSON text of each. Reading it by
  \`getAll\` makes a view of every event's bytes; one variant only fetches the arrays.
- *one object per event* stores position, stream, version, type, id, time and the value as an object. Reads of one
  stream use an index on stream and version; the rows that only write have no index.
- Leftfold's reads make every event with all its fields. *Freshly opened* has an empty cache; opening is not timed.
- *One stream, freshly opened*: a segment is fetched whole, for each event of the stream that lies in it. With 100 streams
  in turn these are all 105 segments, 27.6 MB for 1,000 events; fetching them by hand and doing nothing with them takes four
  fifths of the time. With runs of 50 they are 20 segments, and fetching takes a little more than half. What is left is
  copying, the checksum and decoding, which go on while the next 16 segments are fetched.
- *Fold*: the fields that are summed are read into a struct by \`serde_json\`, in Leftfold as by hand. The rows compare the
  sums with what they must be.
- *A projection catches up*: a projection that is new to the store, from the first event to the head, its read model and
  its checkpoint written every 100 ms.
- *Load a stream*: the stream's events follow each other in the log; its snapshot was written by an earlier load.
- *A seek*: the question is asked from JavaScript, one seek at a time, and every answer is compared with what it must be.
  The timeline and the store have their default budgets, 64 MiB for keyframes and 64 MiB for payloads: of 1,000,000
  events, most payloads are on disk. *Folds* is what the timeline says of itself.
- *Open*: the store is opened with an empty cache, in a page whose browser has read the files before. The
  comparison fetches the same index records from the same database and does nothing with them.
- A read while a bulk append runs: 100 events at a random place, every few milliseconds; the longest wait is shown too.
  With *payloads on disk* the cache is off, and every read fetches a segment.
`

/** The whole file. */
export function report(results, texts, page, size, isQuick) {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}`
  const parts = [
    '# Leftfold against IndexedDB by hand, idb and Dexie',
    `Written by \`cargo xtask bench${isQuick ? ' --quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}: ` +
      `headless Chromium ${results[0]?.version}; ${machine}. At the end ${loadavg()[1].toFixed(1)} processes ` +
      `wanted those ${cpus().length} cores (the mean of five minutes): the more they are, the less a rate says, and the more a ratio does.`,
  ]
  for (const result of results) {
    parts.push(`## IndexedDB on ${result.actual}`, '### Figures to reach', goalTable(result), '### All figures', tables(result))
  }
  if (texts) parts.push(textsSection(texts))
  parts.push(...pageParts(page, size))
  return `${parts.join('\n\n')}\n\n${HOW}`
}

/** The same file with other figures of the page: they are measured by themselves, in a browser of their own. */
export function withPage(text, page, size) {
  const end = text.indexOf(HOW.slice(0, HOW.indexOf('\n')))
  const starts = PAGE_HEADINGS.map((heading) => text.indexOf(heading)).filter((at) => at >= 0)
  if (end < 0 || starts.length === 0) throw new Error('this is no report, or one without a page')
  return `${text.slice(0, Math.min(...starts))}${pageParts(page, size).join('\n\n')}\n\n${text.slice(end)}`
}

/** The same file with other figures of projections as text, which stand before the page. */
export function withTexts(text, texts) {
  const end = Math.min(...PAGE_HEADINGS.map((heading) => text.indexOf(heading)).filter((at) => at >= 0))
  const start = text.indexOf(TEXTS_HEADING)
  if (!Number.isFinite(end)) throw new Error('this is no report, or one without a page')
  return `${text.slice(0, start < 0 ? end : start)}${textsSection(texts)}\n\n${text.slice(end)}`
}

/** The sections of the page begin with these, and stand before the explanations. */
const PAGE_HEADINGS = ['## The page on ', '## The built page']

function pageParts(page, size) {
  return [...(page ? [debuggerSection(page)] : []), ...(size ? ['## The built page', sizeTable(size)] : [])]
}

function tables(result) {
  const parts = Object.values(result.measured).map(rateTable)
  if (result.memory) parts.push(memoryTable(result.memory))
  if (result.timeline) parts.push(seekTable(result.timeline), timelineTable(result.timeline))
  if (result.beside) parts.push(besideTable(result.beside))
  return parts.join('\n\n')
}
