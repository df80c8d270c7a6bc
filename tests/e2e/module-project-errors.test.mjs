// Projections in JavaScript that go wrong: definitions, handlers, states.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("projections that go wrong", async (t) => {
  const { page } = await openModule(t);

  await t.test("a handler that throws fails its projection at that event, and no other", async () => {
    const seen = await inModule(page, async ({ EventStore, LeftfoldError }, { freshName, failure, until }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", [{ type: "A", data: 1 }, { type: "A", data: "two" }, { type: "A", data: 3 }]);
      const A = (state, event) => {
        state.last = event.position;
        if (typeof event.data !== "number") throw new RangeError(`${event.data} is no number`);
        state.sum += event.data;
      };
      const sound = await store.project({ name: "sound", initial: 0, when: { A: (count) => count + 1 } });
      const projection = await store.project({ name: "sum", initial: { sum: 0 }, when: { A } });
      const error = await projection.caughtUp().then(() => undefined, (error) => error);
      const told = [error instanceof LeftfoldError, error.code, error.details, String(error.cause)];
      const status = await projection.status();
      const state = await projection.state();
      const elsewhere = await failure(projection.skip(3, "a guess"));
      await projection.skip(2, "typed in words");
      await projection.caughtUp();
      const after = [await projection.state(), await projection.status()];
      await store.append("a-1", { type: "A", data: 4 });
      await until(() => projection.checkpoint === 4);
      const end = await projection.state();
      await sound.caughtUp();
      const soundState = await sound.state();
      await store.close();
      await EventStore.delete(store.name);
      return { told, status, state, elsewhere, after, end, soundState };
    });
    const at = { projection: "sum", position: 2, type: "A", message: "two is no number", reason: "failed" };
    assert.deepEqual(seen.told, [true, "projection-failed", at, "RangeError: two is no number"]);
    const error = { position: 2, message: "two is no number" };
    assert.deepEqual(seen.status, { checkpoint: 1, lag: 2, state: "failed", error });
    assert.deepEqual(seen.state, { sum: 1, last: 1 });
    assert.deepEqual([seen.elsewhere.code, seen.elsewhere.details.position], ["invalid-input", 3]);
    assert.deepEqual(seen.after, [{ sum: 4, last: 3 }, { checkpoint: 3, lag: 0, state: "following" }]);
    assert.deepEqual([seen.end, seen.soundState], [{ sum: 8, last: 4 }, 4]);
  });

  await t.test("a mended handler is tried again when the projection is run anew", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", [{ type: "A" }, { type: "B" }]);
      const broken = await store.project({ name: "mended", initial: 0, when: { A: (n) => n + 1, B: (n, e) => n + e.data.units } });
      const told = await failure(broken.caughtUp());
      broken.stop();
      const stopped = await failure(broken.caughtUp(2));
      const mended = await store.project({ name: "mended", initial: 0, when: { $any: (n) => n + 1 } });
      await mended.caughtUp();
      const state = await mended.state();
      await store.close();
      const closed = await failure(mended.state());
      await EventStore.delete(store.name);
      return { told: told.details.position, stopped: stopped.code, state, closed };
    });
    assert.deepEqual([seen.told, seen.stopped, seen.state], [2, "aborted", 2]);
    assert.deepEqual([seen.closed.code, seen.closed.details], ["storage-closed", { because: "closed-here" }]);
  });

  await t.test("what is not JSON is no state, and what is no name is no partition", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", { type: "A" });
      const told = async (definition) => {
        const projection = await store.project({ name: `p${Math.random()}`, ...definition });
        const { message } = await failure(projection.caughtUp());
        return message.replace(/^the projection \S+ failed at position 1: /, "");
      };
      const returned = (value) => told({ when: { A: () => value } });
      const cycle = {};
      cycle.self = cycle;
      return {
        function: await returned(() => 1),
        promise: await returned(Promise.resolve(1)),
        bigint: await returned(1n),
        nan: await returned(NaN),
        map: await returned(new Map()),
        date: await returned({ at: new Date(0) }),
        deepNan: await returned({ list: [1, [Infinity]] }),
        hole: await returned([1, undefined]),
        cycle: (await returned(cycle)).includes("circular"),
        undefinedMember: await returned({ in: [{ a: undefined }] }),
        partition: await told({ partitionBy: () => 5, when: { A: () => 1 } }),
        halfACharacter: await told({ partitionBy: () => "p-\ud800", when: { A: () => 1 } }),
        noMessage: await told({ when: { A: () => { throw Object.assign(new Error(), { message: { code: 7 } }); } } }),
        thrownSymbol: await told({ when: { A: () => { throw Object.assign(new Error(), { message: Symbol("s") }); } } }),
        partitionThrows: await told({ partitionBy: (event) => event.data.none, when: { A: () => 1 } }),
        upcast: await (async () => {
          store.registerUpcaster({ type: "A", from: 1, upcast: () => { throw new Error("too old"); } });
          return told({ when: { A: () => 1 } });
        })(),
      };
    });
    const written = "the read model cannot be written as JSON: ";
    assert.deepEqual(seen, {
      function: "the handler gave a function, which is not JSON",
      promise: "the handler gave a promise, which is not JSON",
      bigint: "the handler gave a bigint, which is not JSON",
      nan: "the handler gave NaN, which is not JSON",
      map: "the handler gave an object of the class Map, which is not JSON",
      date: `${written}an object of the class Date is not JSON`,
      deepNan: `${written}Infinity is not JSON`,
      hole: `${written}undefined in an array is not JSON`,
      cycle: true,
      undefinedMember: `${written}its member "a", which is undefined, is not JSON; delete it, or make it null`,
      partition: "partitionBy gave a number; a string or undefined is expected",
      halfACharacter: "partitionBy gave half of a surrogate pair, which is no character",
      noMessage: "an error whose message is no text",
      thrownSymbol: "an error whose message is no text",
      partitionThrows: "Cannot read properties of null (reading 'none')",
      upcast: "the event at position 1 of type A, schema version 1, cannot be upcast: too old",
    });
  });

  await t.test("what is no definition is refused, with the member named", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const when = { A: (state) => state };
      const bad = {
        nothing: undefined,
        noName: { when },
        emptyName: { name: "", when },
        version: { name: "p", version: 2 ** 32, when },
        noWhen: { name: "p" },
        handler: { name: "p", when: { A: 5 } },
        source: { name: "p", source: 5 },
        sourceBesides: { name: "p", source: "fromAll().when({})", when },
        partitionBy: { name: "p", when, partitionBy: "category" },
        deleted: { name: "p", when: { $deleted: () => 1 } },
        shared: { name: "p", when: { $initShared: () => 1 } },
        both: { name: "p", initial: 1, when: { $init: () => 1 } },
        initialThrows: { name: "p", when: { $init: () => { throw new Error("no"); } } },
        initial: { name: "p", initial: new Date(), when },
        initialNothing: { name: "p", initial: () => undefined, when },
      };
      const told = {};
      for (const [name, definition] of Object.entries(bad)) {
        const errors = [await failure(store.project(definition))];
        // A timeline asks no more of a name.
        if (name !== "emptyName") errors.push(await failure(store.timeline(definition)));
        told[name] = errors.map(({ code, details }) => `${code} ${details.member}`);
      }
      const query = { items: [{ types: [""] }] };
      const invalid = await failure(store.project({ name: "p", when, query }));
      const projection = await store.project({ name: "p", when });
      const calls = [
        failure(projection.state(5)),
        failure(projection.caughtUp(-1)),
        failure(projection.skip(1)),
        failure(projection.skip("1", "why")),
        failure(projection.partitions({ limit: -1 })),
        failure(projection.rebuild({ signal: 1 })),
        failure(projection.rebuild({ onProgress: 1 })),
      ];
      const members = (await Promise.all(calls)).map(({ code, details }) => `${code} ${details.member}`);
      return { told, invalid: `${invalid.code} ${invalid.details.member}`, members };
    });
    const both = (member) => [`invalid-input ${member}`, `invalid-input ${member}`];
    assert.deepEqual(seen.told, {
      nothing: both("definition"),
      noName: both("definition"),
      emptyName: ["invalid-input name"],
      version: both("version"),
      noWhen: both("when"),
      handler: both("when.A"),
      source: both("source"),
      sourceBesides: both("when"),
      partitionBy: both("partitionBy"),
      deleted: both("when.$deleted"),
      shared: both("when.$initShared"),
      both: both("initial"),
      initialThrows: both("when.$init"),
      initial: both("initial"),
      initialNothing: both("initial"),
    });
    assert.equal(seen.invalid, "invalid-query query.items[0].types[0]");
    assert.deepEqual(seen.members, [
      "invalid-input partition",
      "invalid-input position",
      "invalid-input reason",
      "invalid-input position",
      "invalid-input limit",
      "invalid-input signal",
      "invalid-input onProgress",
    ]);
  });
});
