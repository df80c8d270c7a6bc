// What a person does with a large log, by mouse and keyboard. Every interaction takes some seconds.

const grid = (page) => page.getByRole('grid', { name: 'Events' })
const playhead = (page) => page.getByRole('slider', { name: 'Playhead' })

async function boxOf(locator) {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`not in view: ${locator}`)
  return { ...box, x2: box.x + box.width, middle: box.y + box.height / 2, centre: box.x + box.width / 2 }
}

/** Moves the pressed mouse along x or y, by equal steps: to the end and back. */
async function drag(page, from, to, steps) {
  const at = (share) => [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share]
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  for (let step = 1; step <= steps; step++) await page.mouse.move(...at(step / steps))
  for (let step = steps - 1; step >= 0; step--) await page.mouse.move(...at(step / steps))
  await page.mouse.up()
}

async function wheel(page, count, x, y) {
  for (let step = 0; step < count; step++) await page.mouse.wheel(x, y)
}

/** A key that is held down, twice as fast as keyboards repeat one. */
async function repeat(page, key) {
  const next = new Promise((done) => setTimeout(done, 1000 / 60))
  await page.keyboard.down(key)
  await next
}

/** Goes to a position by typing it. */
async function goTo(page, position) {
  const field = page.getByLabel(/^Go to position/)
  await field.fill(String(position))
  await field.press('Enter')
  await page.evaluate(() => document.activeElement.blur())
}

/** The interactions, each with what is made ready before it. */
export const interactions = [
  {
    title: 'scroll by wheel',
    ready: (page, events) => goTo(page, Math.round(events / 2)),
    async act(page) {
      const { centre, middle } = await boxOf(grid(page))
      await page.mouse.move(centre, middle)
      await wheel(page, 120, 0, 240)
      await wheel(page, 60, 0, -900)
    },
  },
  {
    title: 'scroll by a drag over the whole map',
    async act(page) {
      const { x2, y, height } = await boxOf(page.locator('.lf-log__map'))
      await drag(page, { x: x2 - 4, y: y + 10 }, { x: x2 - 4, y: y + height - 10 }, 100)
    },
  },
  {
    title: 'drag of the playhead over the whole log',
    ready: (page) => page.keyboard.press('Home'),
    async act(page) {
      const head = await boxOf(playhead(page).locator('.lf-playhead__handle'))
      const lanes = await boxOf(page.locator('.lf-tl .lf-lanes').first())
      await drag(page, { x: head.centre, y: head.middle }, { x: lanes.x2 - 1, y: head.middle }, 120)
    },
  },
  {
    title: 'drag of the playhead, zoomed to a thousandth',
    async ready(page, events) {
      await goTo(page, Math.round(events / 3))
      for (let step = 0; step < 10; step++) await page.getByRole('button', { name: 'Zoom in' }).click()
    },
    async act(page) {
      const { centre, middle } = await boxOf(playhead(page).locator('.lf-playhead__handle'))
      await drag(page, { x: centre, y: middle }, { x: centre + 400, y: middle }, 120)
    },
    after: (page) => page.getByRole('button', { name: 'Fit all events' }).click(),
  },
  {
    title: 'zoom in and out by buttons',
    async act(page) {
      for (const name of ['Zoom in', 'Zoom out']) {
        for (let step = 0; step < 14; step++) await page.getByRole('button', { name }).click()
      }
    },
  },
  {
    title: 'zoom in and out by wheel',
    async act(page) {
      const { centre, y, height } = await boxOf(page.locator('.lf-tl .lf-lanes').first())
      await page.mouse.move(centre, y + height - 20)
      await wheel(page, 80, 0, -120)
      await wheel(page, 80, 0, 120)
    },
    after: (page) => page.getByRole('button', { name: 'Fit all events' }).click(),
  },
  {
    title: 'steps by a key held down',
    ready: (page, events) => goTo(page, Math.round(events / 4)),
    async act(page) {
      for (let step = 0; step < 200; step++) await repeat(page, 'ArrowRight')
      await page.keyboard.up('ArrowRight')
    },
  },
  {
    title: 'steps in one stream by a key held down',
    async act(page) {
      await page.keyboard.down('Shift')
      for (let step = 0; step < 100; step++) await repeat(page, 'ArrowLeft')
      await page.keyboard.up('Shift')
    },
  },
]
