// Reads while a bulk append runs: in the tab that writes, and in another one.

const CACHE_BYTES = 64 * 1024 * 1024

/** Milliseconds of single reads of 100 events, by situation. */
export async function readsBesideWriting(browser, origin, isQuick) {
  const [events, count] = isQuick ? [20_000, 40_000] : [100_000, 200_000]
  const found = []
  for (const [memory, cacheBytes] of [['payloads in memory', CACHE_BYTES], ['payloads on disk', 0]]) {
    const page = await browser.open(origin)
    const options = { cacheBytes, events }
    await page.evaluate((options) => window.bench.beside.open(options), options)
    const alone = await page.evaluate((options) => window.bench.beside.readAlone({ ...options, reads: 300 }), options)
    found.push({ title: `no import, ${memory}`, times: alone })
    const here = await page.evaluate((options) => window.bench.beside.readBesideWriting(options), { events, count })
    found.push({ title: `import in the same tab, ${memory}`, times: here })
    const other = await browser.open(origin)
    await other.evaluate((options) => window.bench.beside.open(options), options)
    const reading = other.evaluate((options) => window.bench.beside.readUntilStopped(options), options)
    const ms = await page.evaluate((count) => window.bench.beside.write(count), count)
    await other.evaluate(() => window.bench.beside.stop())
    found.push({ title: `import in another tab, ${memory}`, times: await reading, rate: (count / ms) * 1000 })
    await other.evaluate(() => window.bench.beside.close())
    await page.evaluate(() => window.bench.beside.close())
    await Promise.all([page.close(), other.close()])
    process.stdout.write('.')
  }
  process.stdout.write(' Reads while a bulk append runs\n')
  return { events, count, found }
}
