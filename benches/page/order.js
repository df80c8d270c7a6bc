// The events that are stored: 250 bytes of JSON each. `benches/src/order.rs` makes the same ones.

const EVENT_BYTES = 250
const TYPES = ['OrderPlaced', 'OrderPaid', 'OrderPacked', 'OrderShipped']

export function order(number) {
  const made = {
    order: `order-${number}`,
    customer: `customer-${number % 997}`,
    sku: `SKU-${number % 89}`,
    units: number % 25,
    priceCents: 995 + (number % 10007),
    isGift: number % 2 === 0,
    address: {
      street: `${number % 300} Harbour Street`,
      city: 'Rotterdam',
      zip: `30${10 + (number % 90)}`,
    },
    note: '',
  }
  made.note = 'n'.repeat(EVENT_BYTES - JSON.stringify(made).length)
  return made
}

export function orders(count) {
  return Array.from({ length: count }, (_, number) => order(number))
}

/** One object per event, as an application without a packed format stores it. */
export function eventObject(position, stream, version, data) {
  return {
    position,
    stream,
    version,
    type: TYPES[position % TYPES.length],
    id: crypto.randomUUID(),
    time: 1767225600000 + position,
    data,
  }
}

/** What an order is worth. */
const centsOf = (number) => (number % 25) * (995 + (number % 10007))

/** What the first `count` orders are worth; of every `step` of them, only that at `offset`. */
export function worth(count, step = 1, offset = 0) {
  let cents = 0
  for (let number = offset; number < count; number += step) cents += centsOf(number)
  return cents
}

/** What the orders are worth up to each position. */
export function worths(count) {
  const sums = new Float64Array(count + 1)
  for (let number = 0; number < count; number++) sums[number + 1] = sums[number] + centsOf(number)
  return sums
}
