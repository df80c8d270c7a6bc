// The figures of the page on a large log, as Markdown.

import { median, quantile } from '../figures.mjs'
import { LONG_TASK_MS } from './trace.mjs'

/** What is left of the 16.7 ms of a frame when it has been painted. */
const FRAME_MS = 10
const FILTER_MS = 100

const count = (value) => Math.round(value).toLocaleString('en')
const time = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)
const share = (values, of) => (values.length > 0 ? quantile(values, of) : 0)
const verdict = (isReached) => (isReached ? 'reached' : '**falls short**')

function table(head, lines) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

/** Of frames the median of the rounds; of tasks the longest of all rounds. */
function figuresOf({ rounds }) {
  const ofFrames = (value, of) => median(rounds.map(({ frames }) => share(frames.map(value), of)))
  const work = ({ whole, painting }) => whole - painting
  const tasks = rounds.flatMap(({ tasks }) => tasks)
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    frames: median(rounds.map(({ frames }) => frames.length)),
    p50: ofFrames(work, 0.5),
    p95: ofFrames(work, 0.95),
    whole: ofFrames(({ whole }) => whole, 0.95),
    cpu: ofFrames(({ cpu }) => work(cpu), 0.95),
    longest: Math.max(0, ...tasks.map(({ ms }) => ms)),
    longestCpu: Math.max(0, ...tasks.map(({ cpu }) => cpu)),
    long: tasks.filter(({ ms }) => ms > LONG_TASK_MS).length,
  }
}

/** Frames are those of interactions; opening a page has few. */
function goalTable({ phases, filters, search }) {
  const lines = []
  for (const phase of phases) {
    const { p95, longestCpu } = figuresOf(phase)
    const isSmooth = !phase.isOpening && !phase.isUnpaced
    lines.push([
      phase.title,
      isSmooth ? time(p95) : '',
      time(longestCpu),
      verdict((!isSmooth || p95 < FRAME_MS) && longestCpu <= LONG_TASK_MS),
    ])
  }
  const slowest = Math.max(...filters.map(({ ms }) => ms))
  return [
    table(['', `work a frame, p95, below ${FRAME_MS} ms`, `longest task, time of the processor, at most ${LONG_TASK_MS} ms`, ''], lines),
    table(
      ['', 'measured', 'to reach', ''],
      [
        ['filter by a type: from the click until its rows are drawn, median', time(median(filters.map(({ ms }) => ms))), 'reported', ''],
        ['the same, the slowest type', time(slowest), `below ${FILTER_MS} ms`, verdict(slowest < FILTER_MS)],
        ['text search: from the first letter until progress shows', time(search.progressMs), 'reported', ''],
        ['text search: until the whole log is searched', `${(search.wholeMs / 1000).toFixed(1)} s`, 'reported', ''],
        ['text search: from *Cancel* until it has stopped', search.cancelMs === undefined ? 'it was over' : time(search.cancelMs), 'reported', ''],
      ],
    ),
  ].join('\n\n')
}

function phaseTable({ phases }) {
  const lines = phases.map((phase) => {
    const { ms, frames: drawn, p50, p95, whole, cpu, longest, long } = figuresOf(phase)
    const frames = phase.isOpening ? ['', '', '', ''] : [p50, p95, cpu, whole].map(time)
    return [phase.title, `${(ms / 1000).toFixed(1)} s`, count(phase.rounds.length), count(drawn), ...frames, time(longest), count(long)]
  })
  return table(
    ['', 'lasted', 'rounds', 'frames', 'work a frame, p50', 'p95', 'p95, time of the processor', 'p95 with painting', 'longest task', `tasks over ${LONG_TASK_MS} ms`],
    lines,
  )
}

const FORMATS_HOW = `\
A file of the log goes out of the page by *Export* and in again by *Import*, into a store where another tab reads 100 events
anywhere, again and again. *Memory* is what the page's process holds at most, less what it held before; of the file, nothing is
in memory but the piece that is read.`

function fileTable({ files }) {
  const megabytes = (bytes) => `${count(bytes / 1e6)} MB`
  const lines = files.map(({ title, events, bytes, seconds, before, peak, reads }) => [
    title,
    count(events),
    megabytes(bytes),
    `${seconds.toFixed(1)} s`,
    count(events / seconds),
    peak ? megabytes(peak - before) : 'not known here',
    ...(reads ? [count(reads.length), time(median(reads)), time(quantile(reads, 0.95)), time(Math.max(...reads))] : ['', '', '', '']),
  ])
  const head = ['', 'events', 'file', 'lasted', 'events/s', 'memory', 'reads meanwhile', 'p50', 'p95', 'slowest']
  return [table(head, lines), FORMATS_HOW].join('\n\n')
}

const HOW = `\
*Work* is what the renderer's main thread does, by the browser's tracing: all its tasks between the begin of a frame and that
of the next one, less the painting (pre-paint, paint, layerize, commit), which has the rest of the 16.7 ms; headless Chromium
paints in software. What the program that measures asks the page, where a button is and whether it is in view, is left out. Of frames the
figures are medians of the rounds, which go through all interactions in turn. *Longest task* counts painting too, and is that of all rounds;
it is judged by the time of the processor, which does not grow where other programs take their share; the second table has the time
that passed as well. Opening counts from the first element of the page until the rows of the
log are drawn; the start of the page before it compiles the module. Filtering and searching go on in short tasks behind a page
that stands still: they have no frames to keep up with. The log is the sample's warehouse, run on: twelve event
types, a stream for each order, payment and shipment. The mouse is moved and the wheel turned as soon as the page has taken the
move before; a key that is held down repeats 60 times a second. This part may be newer than what stands above it: \`--only page\` renews it alone.`

/** The section on the page. */
export function debuggerSection(result) {
  const parts = [goalTable(result), phaseTable(result), HOW, fileTable(result)]
  return [`## The page on ${count(result.events)} events`, ...parts].join('\n\n')
}
