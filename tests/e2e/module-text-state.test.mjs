// The states of projections as text: one for each position, and no other when a machine stands still.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("the state at a position is one, whatever a text keeps in it, and however it is reached", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const opened = (n) => ({ type: n % 2 ? "Closed" : "Opened", data: { id: n >> 1 } });
    await store.append("a-1", Array.from({ length: 200 }, (_, n) => opened(n)));
    // Members that are undefined are not in its text, and one object in two places is two there.
    const source = `fromAll().when({
      $init: () => ({ open: {}, count: 0, here: { n: 0 }, there: null }),
      Opened(s, e) { s.open['o' + e.data.id] = 1; s.count = Object.keys(s.open).length; s.there = s.here; s.here.n += 1 },
      Closed(s, e) { s.open['o' + e.data.id] = undefined; s.count = Object.keys(s.open).length; s.there.n += 1 },
    })`;
    const different = [];
    const asked = async (timeline) => {
      const states = [];
      for (let at = 1; at <= 200; at += 1) states.push(JSON.stringify(await timeline.stateAt(at)));
      return states;
    };
    const growing = await store.timeline({ name: "grows", source });
    const atHead = [JSON.stringify(await growing.stateAt(200))];
    await store.append("a-1", opened(200));
    await growing.stateAt(201);
    atHead.push(JSON.stringify(await growing.stateAt(200)));
    const first = await asked(growing);
    const again = await store.timeline({ name: "again", source });
    await again.stateAt(201);
    const second = await asked(again);
    const found = [];
    for (const at of [64, 65, 130, 200]) {
      found.push(await again.findFirst((state) => JSON.stringify(state) === first[at - 1], { from: at }));
    }
    again.close();
    growing.close();
    first.forEach((state, index) => state !== second[index] && different.push([index + 1, state, second[index]]));
    // Of an event that was split, too.
    store.registerUpcaster({ type: "Opened", from: 1, upcast: (data) => [{ type: "Opened", data }, { type: "Closed", data }] });
    const split = await store.timeline({ name: "split", source });
    const splitHead = JSON.stringify(await split.stateAt(64));
    await split.stateAt(201);
    different.push(...(splitHead === JSON.stringify(await split.stateAt(64)) ? [] : ["split"]));
    split.close();
    const strangers = [];
    for (const value of ["new Set([1])", "NaN", "new Date(0)", "Object.assign([], { x: 1 })", "1n"]) {
      const stranger = await store.timeline({ name: "stranger", source: `fromAll().when({\n  $any: () => ({ value: ${value} })\n})` });
      const { code, message, details } = await failure(stranger.stateAt(201));
      strangers.push([code, /one of the last 64 events/.test(message), details.position, details.line]);
      stranger.close();
    }
    await store.close();
    return { atHead, different: different.slice(0, 4), found, strangers };
  });
  assert.equal(seen.atHead[0], seen.atHead[1]);
  assert.deepEqual([seen.different, seen.found], [[], [64, 65, 130, 200]]);
  assert.deepEqual(seen.strangers, Array(5).fill(["projection-failed", true, 64, undefined]));
});

test("a machine that stands still is not the text's fault", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", Array.from({ length: 4_000 }, () => ({ type: "Counted" })));
    const { setTimeout } = globalThis;
    const timeline = async () => {
      const made = await store.timeline({ name: "slow", source: "fromAll().when({ $any(s) { for (let n = 0; n < 20_000; n++) Math.imul(n, n); s.n = (s.n ?? 0) + 1 } })" });
      return made;
    };
    // The watch is over at once, for so many workers.
    const stall = (times) => {
      globalThis.setTimeout = (run, millis) => {
        if (times === 0 || (millis !== 4_000 && millis !== 100)) return setTimeout(run, millis);
        return setTimeout(() => {
          if (times === 0) return;
          if (millis === 100) times -= 1;
          run();
        }, 0);
      };
    };
    const once = await timeline();
    stall(1);
    const after = (await once.stateAt(4_000)).n;
    once.close();
    globalThis.setTimeout = setTimeout;
    const often = await timeline();
    stall(Infinity);
    const failed = await failure(often.stateAt(4_000));
    globalThis.setTimeout = setTimeout;
    const later = (await often.stateAt(4_000)).n;
    often.close();
    await store.close();
    return { after, failed, later };
  });
  assert.deepEqual([seen.after, seen.later], [4_000, 4_000]);
  assert.match(seen.failed.message, /did not come to an end/);
});
