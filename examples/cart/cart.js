// A shopping cart whose only truth is its events. The cart, its past and its undo are folds over them.

import init, { EventStore, LeftfoldError } from "leftfold";

const products = {
  "SKU-AERO-14": { name: "Tent for two", price: 189 },
  "SKU-ROPE-30": { name: "Climbing rope, 30 m", price: 74.5 },
  "SKU-LAMP-02": { name: "Head lamp", price: 32 },
};
const stream = "cart-mine";
const money = new Intl.NumberFormat(undefined, { style: "currency", currency: "EUR" });
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const byId = (id) => document.getElementById(id);

/** What the cart is after its events. What an event holds is frozen, so it is copied into the state. */
const cart = {
  name: "cart",
  query: { items: [{ streams: [stream] }] },
  initial: {},
  when: {
    ItemAdded: (units, { data }) => ({ ...units, [data.sku]: (units[data.sku] ?? 0) + 1 }),
    ItemRemoved: (units, { data }) => {
      if (--units[data.sku] <= 0) delete units[data.sku];
    },
    CartRestored: (_, { data }) => ({ ...data.units }),
  },
};

const words = {
  ItemAdded: ({ sku }) => `${products[sku].name} added`,
  ItemRemoved: ({ sku }) => `${products[sku].name} removed`,
  CartRestored: ({ moment }) => `Restored as it was at moment ${moment}`,
};
const told = ({ type, data }) => words[type](data);

await init();
const store = await EventStore.open("leftfold-example-cart");
const history = await store.timeline(cart);
const events = [];
let moment = 0;
let isDrawing = false;

/** Appends on top of what is shown: when another tab was first, it says so, and shows that instead. */
async function append(event) {
  try {
    await store.append(stream, event, { expectedVersion: events.length });
    byId("status").textContent = "";
  } catch (error) {
    if (!(error instanceof LeftfoldError)) throw error;
    const isLate = error.code === "wrong-expected-version";
    byId("status").textContent = isLate ? "Another tab was first: look again." : `Not stored: ${error.message}`;
  }
}

function button(text, label, onclick, disabled = false) {
  return Object.assign(document.createElement("button"), { textContent: text, ariaLabel: label, onclick, disabled });
}

function line(text, ...more) {
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("span"), { textContent: text }), ...more);
  return item;
}

async function draw() {
  isDrawing = false;
  const shown = moment;
  const units = await history.stateAt(shown && events[shown - 1].position);
  if (shown !== moment) return;
  const isNow = moment === events.length;
  const rows = Object.entries(units).map(([sku, count]) => {
    const { name, price } = products[sku];
    const fewer = button("−", `One ${name} less`, () => append({ type: "ItemRemoved", data: { sku } }), !isNow);
    const amount = Object.assign(document.createElement("span"), { className: "number", textContent: `${count} × ${money.format(price)}` });
    return line(name, amount, fewer);
  });
  byId("cart").replaceChildren(...(rows.length > 0 ? rows : [line("The cart is empty.")]));
  byId("total").textContent = money.format(Object.entries(units).reduce((sum, [sku, count]) => sum + count * products[sku].price, 0));
  for (const add of byId("shop").querySelectorAll("button")) add.disabled = !isNow;
  const when = moment === 0 ? "Before the first event" : `${told(events[moment - 1])}, ${clock.format(new Date(events[moment - 1].time))}`;
  byId("when").textContent = `${moment} of ${events.length}: ${when}${isNow ? "" : ". This is the past: nothing can be changed in it."}`;
  const slider = Object.assign(byId("moment"), { max: events.length, value: moment });
  slider.setAttribute("aria-valuetext", `${moment} of ${events.length}`);
  byId("restore").disabled = isNow;
  byId("restore").onclick = async () => {
    await append({ type: "CartRestored", data: { units, moment: shown } });
    follow(events.length);
  };
  const list = events.map((event, at) => {
    const item = line(`${at + 1}. ${told(event)}`);
    item.classList.toggle("later", at >= moment);
    if (at + 1 === moment) item.setAttribute("aria-current", "true");
    return item;
  });
  byId("events").replaceChildren(...list.reverse());
}

/** Goes to a moment, and draws once for however many of these come in one turn. */
function follow(to) {
  moment = to;
  if (!isDrawing) isDrawing = Boolean(setTimeout(draw));
}

for (const [sku, { name, price }] of Object.entries(products)) {
  byId("shop").append(line(`${name}, ${money.format(price)}`, button("Add", `Add ${name}`, () => append({ type: "ItemAdded", data: { sku } }))));
}
byId("moment").oninput = (input) => follow(Number(input.target.value));
follow(0);

// Whoever looks at the newest moment follows it, also when it is another tab that writes; whoever looks at the past stays there.
store.subscribe((event) => follow(events.push(event) - 1 === moment ? events.length : moment), { from: "start" });
