// What tabs and workers do when they race, and what must hold afterwards.

import assert from "node:assert/strict";

/**
 * Sent into a page or a worker as text: appends `count` events to `stream` with the version it believes in, and tries again with
 * the version it is told when another was first. Gives what it was told of each append that succeeded, and how often it lost.
 */
export async function appendWithVersions({ EventStore, LeftfoldError }, { name, writer, stream, count, together = 1 }) {
  const store = await EventStore.open(name);
  const wins = [];
  let losses = 0;
  let believed = await store.streamVersion(stream);
  while (wins.length < count) {
    const calls = Array.from({ length: Math.min(together, count - wins.length) }, (_, ahead) => {
      const event = { type: "Counted", data: { writer, number: wins.length + ahead } };
      return store.append(stream, event, { expectedVersion: believed + ahead });
    });
    const answers = await Promise.allSettled(calls);
    for (const answer of answers) {
      if (answer.status === "fulfilled") {
        const { firstPosition, streams } = answer.value;
        wins.push({ position: firstPosition, version: streams[0].firstVersion });
        believed = streams[0].lastVersion;
      } else {
        const error = answer.reason;
        if (!(error instanceof LeftfoldError) || error.code !== "wrong-expected-version") throw error;
        losses++;
        believed = error.details.actual;
        // The calls behind it stood on it.
        break;
      }
    }
  }
  await store.close();
  return { writer, wins, losses };
}

/** Runs a function of the kind above in a page. */
export function runInPage(page, run, argument) {
  return page.evaluate(
    async ([source, argument]) => {
      const module = await import("/leftfold.js");
      await module.default();
      return (0, eval)(`(${source})`)(module, argument);
    },
    [String(run), argument],
  );
}

/** The worker that runs functions of the kind above: a file for the server. */
export const workerText = `
  import init, * as module from "/leftfold.js";
  const ready = init();
  self.onmessage = async ({ data: [source, argument] }) => {
    try {
      await ready;
      self.postMessage({ done: await (0, eval)("(" + source + ")")(module, argument) });
    } catch (error) {
      self.postMessage({ failed: String(error) });
    }
  };
`;

/** Runs a function of the kind above in several dedicated workers of a page at once, one for each argument. */
export function runInWorkers(page, run, args) {
  return page.evaluate(
    ([source, args]) =>
      Promise.all(
        args.map(
          (argument) =>
            new Promise((resolve, reject) => {
              const worker = new Worker("/worker.js", { type: "module" });
              worker.onerror = (event) => reject(new Error(event.message));
              worker.onmessage = ({ data }) => {
                worker.terminate();
                if ("failed" in data) reject(new Error(data.failed));
                else resolve(data.done);
              };
              worker.postMessage([source, argument]);
            }),
        ),
      ),
    [String(run), args],
  );
}

/** The whole log, as a fresh handle gives it, without the data's bulk, and what `verify` says. */
export function wholeLog(page, name) {
  return runInPage(
    page,
    async ({ EventStore }, name) => {
      const store = await EventStore.open(name);
      const events = await store.readAll();
      const verified = await store.verify();
      await store.close();
      const brief = ({ position, stream, version, data }) => ({ position, stream, version, writer: data.writer, number: data.number });
      return { events: events.map(brief), verified };
    },
    name,
  );
}

/** Positions have no gap, versions count in each stream, and nothing is damaged. */
export function assertSound({ events, verified }, count) {
  assert.deepEqual(verified.problems, []);
  assert.ok(verified.ok);
  assert.equal(events.length, count);
  const versions = new Map();
  events.forEach((event, row) => {
    assert.equal(event.position, row + 1);
    const version = (versions.get(event.stream) ?? 0) + 1;
    assert.equal(event.version, version, `version of position ${event.position}`);
    versions.set(event.stream, version);
  });
}

/** Everyone was told the truth: each win is in the log where it was said to be, and nothing else is. */
export function assertWins(log, results) {
  let wins = 0;
  for (const { writer, wins: own } of results) {
    own.forEach(({ position, version }, number) => {
      const event = log.events[position - 1];
      assert.deepEqual([event.writer, event.number, event.version], [writer, number, version], `position ${position}`);
    });
    wins += own.length;
  }
  assertSound(log, wins);
}
