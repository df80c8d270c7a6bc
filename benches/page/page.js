// What the runner calls in the page.

import init, { orderJson } from '/pkg/leftfold_benches.js'
import * as beside from './beside.js'
import * as folds from './folds.js'
import * as opening from './opening.js'
import { order } from './order.js'
import * as reads from './reads.js'
import * as texts from './texts.js'
import * as timeline from './timeline.js'
import * as writes from './writes.js'

const wasm = await init()

for (const number of [0, 7, 99_999]) {
  const [ours, theirs] = [orderJson(number), JSON.stringify(order(number))]
  if (ours !== theirs || ours.length !== 250) throw new Error(`the events differ: ${ours} and ${theirs}`)
}

const rows = {
  ...writes,
  log: reads.log,
  stream: reads.stream,
  fold: folds.fold,
  projection: folds.projection,
  loads: folds.loads,
  opening: opening.opening,
}

window.bench = {
  run: (row, variant, options, round) => rows[row][variant](options, round),
  prepareReads: reads.prepare,
  prepareLoads: folds.prepareLoads,
  prepareOpening: opening.prepare,
  memory: () => opening.memory(wasm),
  timeline: (options) => timeline.measure(wasm, options),
  beside,
  texts,
}
window.isReady = true
