// What is measured: rows of variants, and the figures to reach.
//
// A variant's rate is events per second. `goals` name ratios between two variants of one round, which may be of an
// earlier row: `row.variant`. Rows with the same `prepare` share what it has made.

const READS = { count: 100_000, streams: 100 }
const LARGE = { count: 1_000_000 }
const LARGE_QUICK = { count: 100_000 }

/** What is measured beside the rows, by id: how, and with what. */
export const extras = {
  timeline: {
    prepare: 'prepareOpening',
    options: { ...LARGE, seeks: 1000 },
    quick: { ...LARGE_QUICK, seeks: 300 },
  },
}

export const rows = [
  {
    id: 'single',
    title: 'One append at a time, relaxed',
    options: { count: 1500, strict: false },
    quick: { count: 400 },
    rounds: 9,
    variants: {
      leftfold: 'Leftfold: exact expected version, awaited',
      raw: 'by hand: JSON bytes, `add`, `commit()`, no check',
      idb: 'idb: `add`, `done`',
      dexie: 'Dexie: `add`',
    },
    goals: [
      { text: 'one awaited, version-checked append at a time, relaxed, against raw', ours: 'single.leftfold', theirs: 'single.raw', least: 0.55 },
    ],
  },
  {
    id: 'inFlight',
    title: '64 callers in flight, relaxed',
    options: { count: 20_000, callers: 64, strict: false },
    quick: { count: 6400 },
    rounds: 9,
    variants: { leftfold: 'Leftfold: 64 callers, each awaiting its own appends with the exact version' },
    goals: [
      { text: '64 callers in flight, against raw one at a time', ours: 'inFlight.leftfold', theirs: 'single.raw', least: 25 },
    ],
  },
  {
    id: 'singleStrict',
    work: 'single',
    title: 'One append at a time, strict',
    options: { count: 500, strict: true },
    quick: { count: 200 },
    rounds: 7,
    variants: {
      leftfold: 'Leftfold: exact expected version, awaited',
      raw: 'by hand: JSON bytes, `add`, `commit()`, no check',
    },
    goals: [
      { text: 'the same, strict, against raw strict', ours: 'singleStrict.leftfold', theirs: 'singleStrict.raw' },
      { text: 'strict against relaxed, Leftfold', ours: 'singleStrict.leftfold', theirs: 'single.leftfold' },
    ],
  },
  {
    id: 'commits',
    title: '1,000 events a commit, encoding included, relaxed',
    options: { count: 20_000, size: 1000, strict: false },
    quick: { count: 10_000 },
    rounds: 7,
    variants: {
      leftfold: 'Leftfold: exact expected version, awaited',
      rawPacked: 'by hand: one packed array per commit',
      rawObjects: 'by hand: one object per event',
      idb: 'idb: one object per event',
      dexie: 'Dexie: `bulkAdd`',
    },
    goals: [
      { text: '1,000 events a commit, against raw packed', ours: 'commits.leftfold', theirs: 'commits.rawPacked', least: 0.6 },
      { text: '1,000 events a commit, against Dexie bulkAdd', ours: 'commits.leftfold', theirs: 'commits.dexie', least: 15 },
    ],
  },
  {
    id: 'commitsLong',
    work: 'commits',
    title: '1,000 events a commit, so many that sealing falls into the time',
    options: { count: 60_000, size: 1000, strict: false },
    quick: { count: 40_000 },
    rounds: 5,
    variants: {
      leftfold: 'Leftfold: exact expected version, awaited',
      rawPacked: 'by hand: one packed array per commit',
    },
    goals: [{ text: 'the same with sealing in the time, against raw packed', ours: 'commitsLong.leftfold', theirs: 'commitsLong.rawPacked' }],
  },
  {
    id: 'commitsStrict',
    work: 'commits',
    title: '1,000 events a commit, strict',
    options: { count: 20_000, size: 1000, strict: true },
    quick: { count: 10_000 },
    rounds: 5,
    variants: {
      leftfold: 'Leftfold: exact expected version, awaited',
      rawPacked: 'by hand: one packed array per commit',
    },
    goals: [{ text: 'the same, strict, against raw packed strict', ours: 'commitsStrict.leftfold', theirs: 'commitsStrict.rawPacked' }],
  },
  {
    id: 'bulk',
    title: 'Bulk append, relaxed',
    options: { count: 100_000, strict: false },
    quick: { count: 20_000 },
    rounds: 5,
    variants: { leftfold: 'Leftfold: `bulk`, making the events included' },
    goals: [],
  },
  {
    id: 'log',
    title: 'Read 100,000 events',
    prepare: 'prepareReads',
    options: READS,
    quick: { count: 20_000 },
    rounds: 7,
    variants: {
      leftfold: 'Leftfold: freshly opened, every event made, its bytes reached',
      leftfoldWarm: 'Leftfold: read before',
      rawPacked: 'by hand, packed: one `getAll`, a view of every event',
      rawPackedBytesOnly: 'by hand, packed: one `getAll`, no event touched',
      rawObjects: 'by hand, one object per event: `getAll`, pages of 1,000',
      idb: 'idb: `getAll`',
      dexie: 'Dexie: `toArray`',
    },
    goals: [
      { text: 'read 100,000 events, payload reachable, against raw packed `getAll` with a view of every event', ours: 'log.leftfold', theirs: 'log.rawPacked', least: 0.5 },
      { text: 'the same against raw packed `getAll`, no event touched', ours: 'log.leftfold', theirs: 'log.rawPackedBytesOnly', least: 0.5 },
      { text: 'read 100,000 events, against Dexie toArray', ours: 'log.leftfold', theirs: 'log.dexie', least: 10 },
    ],
  },
  {
    id: 'stream',
    prepare: 'prepareReads',
    title: 'Read one stream of 1,000 events out of 100,000',
    options: READS,
    quick: { count: 20_000 },
    perRound: (options) => options.count / 100,
    rounds: 9,
    variants: {
      leftfoldMixedCold: 'Leftfold: 100 streams in turn, freshly opened',
      leftfoldMixedWarm: 'Leftfold: 100 streams in turn, read before',
      leftfoldRunsCold: 'Leftfold: runs of 50 events of one stream, freshly opened',
      leftfoldRunsWarm: 'Leftfold: runs of 50 events of one stream, read before',
      rawObjects: 'by hand, one object per event: `getAll` on an index of stream and version',
      dexie: 'Dexie: `toArray` on the same index',
    },
    goals: [
      { text: 'one stream of 1,000 out of 100,000, against one object per event: read before', ours: 'stream.leftfoldMixedWarm', theirs: 'stream.rawObjects', least: 9 },
      { text: 'the same, freshly opened, runs of 50', ours: 'stream.leftfoldRunsCold', theirs: 'stream.rawObjects', least: 9 },
      { text: 'the same, freshly opened, 100 streams in turn', ours: 'stream.leftfoldMixedCold', theirs: 'stream.rawObjects', least: 9 },
    ],
  },
  {
    id: 'fold',
    title: 'Fold 100,000 events into a map of 89 sums',
    prepare: 'prepareReads',
    options: READS,
    quick: { count: 20_000 },
    rounds: 7,
    variants: {
      leftfold: 'Leftfold: freshly opened, every event made, its JSON decoded by serde',
      leftfoldOpening: 'Leftfold: the same, opening in the time',
      rawPacked: 'by hand, packed: one `getAll`, decoded by the same serde in WebAssembly',
      rawPackedJs: 'by hand, packed: one `getAll`, `JSON.parse` of every event, a `Map`',
      rawObjects: 'by hand, one object per event: `getAll`, pages of 1,000, a `Map`',
    },
    goals: [
      { text: 'fold 100,000 events, against raw packed `getAll` and the same decoding', ours: 'fold.leftfold', theirs: 'fold.rawPacked', least: 0.8 },
      { text: 'the same, opening the store in the time', ours: 'fold.leftfoldOpening', theirs: 'fold.rawPacked' },
      { text: 'fold 100,000 events, against one object per event and a fold in JavaScript', ours: 'fold.leftfold', theirs: 'fold.rawObjects', least: 10 },
    ],
  },
  {
    id: 'projection',
    title: 'A projection catches up with 100,000 events, its read model stored',
    prepare: 'prepareReads',
    options: READS,
    quick: { count: 20_000 },
    rounds: 7,
    variants: {
      leftfold: 'Leftfold: one read model',
      leftfoldByStream: 'Leftfold: a read model for each of 100 streams',
    },
    goals: [
      { text: 'a projection catches up, against raw packed `getAll` with a view of every event', ours: 'projection.leftfold', theirs: 'log.rawPacked' },
      { text: 'the same against raw packed `getAll`, decoding and folding', ours: 'projection.leftfold', theirs: 'fold.rawPacked' },
    ],
  },
  {
    id: 'loads',
    title: 'Load a stream of 10,050 events out of 100,050 by its repository',
    prepare: 'prepareLoads',
    options: { count: 10_000 },
    quick: { count: 10_000 },
    rounds: 9,
    perRound: ({ count }) => count + 50,
    variants: {
      leftfold: 'Leftfold: freshly opened, every event folded',
      leftfoldSnapshot: 'Leftfold: freshly opened, a snapshot and 50 events behind it',
      leftfoldWarm: 'Leftfold: read before, every event folded',
      leftfoldSnapshotWarm: 'Leftfold: read before, a snapshot and 50 events behind it',
    },
    goals: [
      { text: 'load a stream of 10,000 events with a snapshot, against without', ours: 'loads.leftfoldSnapshot', theirs: 'loads.leftfold' },
    ],
  },
  {
    id: 'opening',
    title: 'Open a store of 1,000,000 events',
    prepare: 'prepareOpening',
    options: LARGE,
    quick: LARGE_QUICK,
    rounds: 5,
    variants: {
      leftfold: 'Leftfold: open',
      raw: 'by hand: `getAll` of the same index records, 256 at once',
    },
    goals: [{ text: 'open a store of 1,000,000 events, against raw `getAll` of the index bytes', ours: 'opening.leftfold', theirs: 'opening.raw' }],
  },
]
