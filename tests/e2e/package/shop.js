// What both applications do with the package: append, read, project, go back in time, export and import.

export async function shop({ default: init, EventStore, LeftfoldError }) {
  await init();
  const store = await EventStore.open(`shop-${crypto.randomUUID()}`);
  await store.append("order-1", [{ type: "Placed", data: { units: 25 } }, { type: "Paid" }], { expectedVersion: "no-stream" });
  await store.append("order-2", { type: "Placed", data: { units: 3 } });
  const refused = await store.append("order-1", { type: "Paid" }, { expectedVersion: 1 }).catch((error) => error);

  const orders = {
    name: "orders",
    partitionBy: "stream",
    initial: { units: 0, isPaid: false },
    when: {
      Placed: (order, event) => void (order.units += event.data.units),
      Paid: (order) => ({ ...order, isPaid: true }),
    },
  };
  const live = await store.project(orders);
  await live.caughtUp();
  const timeline = await store.timeline(orders);
  const file = await store.export({ format: "ndjson" });
  const copy = await EventStore.open("copy", { storage: "memory" });
  const report = await copy.import(file);

  const said = {
    refused: refused instanceof LeftfoldError && refused.code,
    read: (await store.readAll()).map((event) => `${event.position} ${event.stream} ${event.type}`),
    live: await live.state("order-1"),
    before: await timeline.stateAt(1, "order-1"),
    paidBy: (await timeline.provenance("/isPaid", store.head, "order-1")).position,
    imported: [report.format, report.events, copy.head],
  };
  await copy.close();
  await store.close();
  await EventStore.delete(store.name);
  return said;
}

/** Shows what `shop` gives, for whoever looks. */
export async function show(module) {
  document.querySelector("output").textContent = JSON.stringify(await shop(module));
}
