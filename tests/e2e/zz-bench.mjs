import { test } from "node:test";
import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";
test("bench", async (t) => {
  const { page } = await openModule(t);
  const out = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    for (let k = 0; k < 200; k++) await Promise.all(Array.from({ length: 10 }, (_, s) => store.append(`s-${(k * 10 + s) % 997}`, Array.from({ length: 100 }, (_, n) => ({ type: "A", data: { n, text: "abcdef" } })))));
    const rows = {};
    const sources = {
      stream: "fromAll().foreachStream().when({ $init: () => ({ n: 0 }), A(s, e) { s.n += 1 } })",
      data: "fromAll().foreachStream().when({ $init: () => ({ n: 0 }), A(s, e) { s.n += e.data.n } })",
      big: "fromAll().when({ $init: () => ({ m: {} }), A(s, e) { s.m[e.streamId] = { n: e.sequenceNumber, list: [1, 2, 3] } } })",
    };
    for (const [name, source] of Object.entries(sources)) {
      const took = [], seek = [];
      for (let i = 0; i < 3; i++) {
        const timeline = await store.timeline({ name: "t", source });
        const began = performance.now();
        await timeline.stateAt(store.head, "s-5");
        took.push(performance.now() - began);
        const b2 = performance.now();
        for (let q = 1; q <= 100; q++) await timeline.stateAt(q * 1999, name === "big" ? "" : "s-5");
        seek.push((performance.now() - b2) / 100);
        timeline.close();
      }
      rows[name] = [took.map(Math.round).join(), seek.map((x) => x.toFixed(2)).join()];
    }
    await store.close();
    return rows;
  });
  console.log(JSON.stringify(out));
});
