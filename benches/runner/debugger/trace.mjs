// What the main thread of a page does, from the browser's own tracing.

const CATEGORIES = [
  'toplevel',
  'blink.user_timing',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
]
/** The marks between which is measured; whoever acts sets them in the page. */
export const BEGIN = 'leftfold:begin'
export const END = 'leftfold:end'

/** A task longer than this holds a person up. */
export const LONG_TASK_MS = 50

/** Records while `act` runs, and gives the events of the trace. */
export async function record(session, act) {
  const events = []
  const collect = ({ value }) => events.push(...value)
  session.on('Tracing.dataCollected', collect)
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, recordMode: 'recordUntilFull' },
  })
  try {
    await act()
  } finally {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    session.off('Tracing.dataCollected', collect)
  }
  return events
}

/** What the browser does to draw a frame once its styles and its layout are known. */
const PAINTING = ['PrePaint', 'Paint', 'Layerize', 'UpdateLayer', 'Commit']

/**
 * Questions of the one who measures, by the protocol of DevTools: where a button is, whether it is in view. Nobody asks them where
 * a person uses the page. What the page is made to do by such a message, an event that is sent to it, is its own work.
 */
function isAsked(task, events) {
  const inside = (name, tells = () => true) =>
    events.some((event) => event.name === name && event.ts >= task.ts && event.ts < task.ts + task.dur && tells(event))
  const isOfTools = ({ args }) => args?.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession'
  return inside('Receive mojo message', isOfTools) && !inside('EventDispatch')
}

/**
 * The work between two marks on the thread that set them: milliseconds of each task, and of each frame, that is of all tasks
 * between the begin of a frame and that of the next one, with and without painting. `cpu` is the same as `frames` in time of the
 * processor, which does not grow where other programs take their share of it.
 */
export function workOf(events, from = BEGIN, to = END) {
  const mark = (name) => events.findLast((event) => event.name === name && event.cat?.includes('blink.user_timing'))
  const [begin, end] = [mark(from), mark(to)]
  if (!begin || !end) throw new Error(`the trace has no mark ${begin ? to : from}`)
  const isHere = ({ pid, tid, ts }) => pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts
  const here = events.filter(isHere).sort((a, b) => a.ts - b.ts)
  const complete = here.filter(({ ph }) => ph === 'X')
  const asked = complete.filter(({ name }) => name === 'Receive mojo message' || name === 'EventDispatch')
  const all = outermost(complete.filter(({ name }) => name === 'ThreadControllerImpl::RunTask'))
  const tasks = all.filter((task) => !isAsked(task, asked))
  const painting = outermost(complete.filter(({ name }) => PAINTING.includes(name)))
  const starts = here.filter(({ name }) => name === 'BeginMainThreadFrame').map(({ ts }) => ts)
  const frames = starts.slice(0, -1).map((start, index) => {
    const sum = (list, time) => {
      // The begin of a frame lies inside of the task that draws it.
      const inside = list.filter(({ ts, dur }) => ts + dur > start && ts + dur <= starts[index + 1])
      return inside.reduce((sum, event) => sum + (event[time] ?? 0), 0) / 1000
    }
    const of = (time) => ({ whole: sum(tasks, time), painting: sum(painting, time) })
    return { ...of('dur'), cpu: of('tdur') }
  })
  return { ms: (end.ts - begin.ts) / 1000, tasks: tasks.map(({ dur, tdur }) => ({ ms: dur / 1000, cpu: (tdur ?? dur) / 1000 })), frames }
}

/** What runs inside of another one of the list is a part of it. */
function outermost(list) {
  let until = 0
  return list.filter(({ ts, dur }) => {
    if (ts < until) return false
    until = ts + dur
    return true
  })
}
