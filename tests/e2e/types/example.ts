// Every call of the module, as a program that a strict compiler accepts. The test compiles it, and runs it in a page.

import init, { EventStore, LeftfoldError } from "leftfold";
import type {
  Branch,
  CommitResult,
  NewEvent,
  Projection,
  ProjectionDefinition,
  Query,
  RecordedEvent,
  Subscription,
  Timeline,
} from "leftfold";

/** The state of an order is a left fold over its events. */
function evolve(order: Order, event: RecordedEvent): Order {
  switch (event.type) {
    case "OrderPlaced":
      return { ...order, placed: order.placed + (event.data as { units: number }).units };
    case "OrderPaid":
      return { ...order, paid: true };
    default:
      return order;
  }
}

/** The same fold for every order, kept up with the log. */
const orders: ProjectionDefinition<Order> = {
  name: "orders",
  version: 1,
  query: { items: [{ categories: ["order"] }] },
  initial: () => ({ placed: 0, paid: false }),
  when: { $any: evolve },
  partitionBy: "stream",
};

type Order = {
  placed: number;
  paid: boolean;
};

export async function run(name: string): Promise<string[]> {
  const said: string[] = [];
  await init();
  const store = await EventStore.open(name, { storage: "indexeddb", durability: "strict" });
  const subscription: Subscription = store.subscribe(
    async (event) => {
      await Promise.resolve();
      said.push(`seen ${event.position} ${event.type}`);
    },
    {
      from: "start",
      query: { items: [{ categories: ["order"] }] },
      onCaughtUp: () => said.push("caught up"),
      onError: (error: LeftfoldError) => said.push(error.code),
    },
  );

  const placed: NewEvent = {
    type: "OrderPlaced",
    data: { units: 25 },
    id: crypto.randomUUID(),
    schemaVersion: 1,
    time: new Date(0),
    metadata: { correlationId: "cart-1" },
    tags: ["sku:SKU-AERO-14"],
  };
  const result: CommitResult = await store.append("order-1", placed, { expectedVersion: "no-stream", durability: "relaxed" });
  const again = await store.append("order-1", [placed], { expectedVersion: "no-stream" });
  said.push(`stored at ${result.firstPosition}, again: ${again.duplicate}`);

  const query: Query = { items: [{ types: ["OrderPaid"], streams: ["order-1"] }] };
  await store.commit(
    {
      writes: [{ stream: "order-1", events: [{ type: "OrderPaid", time: 1_000 }], expectedVersion: 1 }],
      checks: [{ stream: "customer-9", expectedVersion: "no-stream" }],
      conditions: [{ query, after: store.head }],
    },
    { durability: "strict" },
  );
  try {
    await store.append("order-1", { type: "OrderPaid" }, { expectedVersion: 1 });
  } catch (error) {
    if (!(error instanceof LeftfoldError)) throw error;
    said.push(`${error.code}: ${error.details["expected"]} expected, ${error.details["actual"]} found`);
  }

  const csv = "order_id,event_type,occurred_at,units\n2,OrderPlaced,1970-01-01T00:00:02Z,3\n";
  const aborter = new AbortController();
  const report = await store.import(new Blob([csv]), {
    format: "csv",
    mapping: { stream: "order_id" },
    category: "order",
    order: "time",
    onInvalid: "stop",
    onProgress: ({ bytes, totalBytes, events }) => said.push(`${bytes} of ${totalBytes} bytes, ${events} events`),
    signal: aborter.signal,
  });
  said.push(`imported ${report.events} from ${report.format}`);

  const order = (await store.readStream("order-1", { from: 1, direction: "forwards" })).reduce(evolve, { placed: 0, paid: false });
  said.push(`${order.placed} placed, paid: ${order.paid}, version ${await store.streamVersion("order-1")}`);
  for await (const event of store.read({ query, fromTime: "1970-01-01T00:00:00Z", toTime: new Date() })) {
    said.push(`found ${event.stream} ${event.type}`);
  }
  said.push(`${(await store.readAll({ from: 1, to: 3, direction: "backwards", limit: 2 })).map((event) => event.position)}`);
  said.push(`${await store.positionAt(1_500)} at 1.5 s`);
  said.push((await store.streams({ category: "order", prefix: "order-", limit: 10, after: "order-1" })).map((entry) => entry.stream).join());
  const { ok, problems } = await store.verify();
  said.push(`verified: ${ok}, ${problems.length} problems`);
  said.push(`${(await store.stats()).events} events in ${store.name === name ? "the store" : "another store"}`);
  const file: Blob = await store.export({ format: "csv", query, from: 1, to: store.head, signal: aborter.signal });
  said.push(`exported ${(await file.text()).trim().split("\n").length - 1} as ${file.type}`);

  const projection: Projection<Order> = await store.project(orders);
  await projection.caughtUp(store.head);
  said.push(`order-1: ${(await projection.state("order-1"))?.placed} placed, ${await projection.partitions({ limit: 5 })}`);
  await projection.rebuild({ signal: aborter.signal, onProgress: (done, total) => said.push(`rebuilt ${done} of ${total}`) });
  const { state, lag } = await projection.status();
  said.push(`${projection.name} is ${state}, ${lag} behind, at ${projection.checkpoint}`);
  projection.stop();

  const timeline: Timeline<Order> = await store.timeline(orders);
  said.push(`at 1: ${JSON.stringify(await timeline.stateAt(1, "order-1"))}`);
  said.push(`from there: ${JSON.stringify(await timeline.diff(1, { time: new Date() }, "order-1"))}`);
  said.push(`paid by ${(await timeline.provenance("/paid", store.head, "order-1"))?.position}`);
  const found = await timeline.findFirst((order, event) => order.paid && event.position > 0, { partition: "order-1" });
  said.push(`paid at ${found}, ${timeline.lastSeek().folds} folds`);
  const branch: Branch<Order> = await timeline.branch(store.head);
  branch.edit(1, { units: 4 });
  branch.insert(1, "order-1", { type: "OrderPlaced", data: { units: 2 }, time: 0 });
  branch.move(2, 0);
  said.push(`otherwise: ${JSON.stringify(await branch.state("order-1"))}, from ${(await branch.divergence("order-1")).firstPosition}`);
  branch.skip(2);
  said.push(`unpaid: ${(await branch.divergence("order-1")).diff.map((operation) => operation.path)}`);
  branch.reset();
  said.push(`as it was: ${(await branch.divergence("order-1")).diff.length} differences`);
  timeline.close();

  store.registerUpcaster({ type: "OrderPlaced", from: 1, upcast: (data) => ({ units: 0, ...(data as object), currency: "EUR" }) });
  said.push(`lifted: ${JSON.stringify((await store.readStream("order-2"))[0]?.data)}`);
  while (subscription.position < store.head) await new Promise((resolve) => setTimeout(resolve, 5));
  subscription.unsubscribe();
  await store.close();
  said.push(`listed: ${(await EventStore.list()).some((entry) => entry.name === name)}`);
  await EventStore.delete(name);
  return said;
}
