// One browser with a fresh profile, and which back end keeps its IndexedDB.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that another one covers is to be measured too.
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
]

/** The back ends, with the features of Chromium that choose them. */
export const BACK_ENDS = {
  leveldb: [],
  sqlite: ['--enable-features=IdbSqliteBackingStore,IdbSqliteOnDiskRollout'],
}

export async function launch(executablePath, backEnd) {
  const profile = await mkdtemp(join(tmpdir(), 'leftfold-bench-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...FLAGS, ...BACK_ENDS[backEnd]],
  })
  return {
    version: context.browser()?.version() ?? 'unknown',
    async open(origin) {
      const page = await context.newPage()
      page.on('pageerror', (error) => console.error(`page: ${error.message}`))
      page.on('console', (message) => message.type() === 'error' && console.error(`page: ${message.text()}`))
      await page.goto(origin)
      await page.waitForFunction(() => window.isReady)
      return page
    },
    /** A page that has loaded nothing yet. */
    async blank(viewport) {
      const page = await context.newPage()
      page.on('pageerror', (error) => console.error(`page: ${error.message}`))
      await page.setViewportSize(viewport)
      return page
    },
    /** Looks at the files: the name of a flag proves nothing. */
    async backEnd() {
      const files = await readdir(profile, { recursive: true })
      const inIndexedDb = files.filter((file) => file.includes('IndexedDB'))
      return inIndexedDb.some((file) => file.endsWith('.leveldb')) ? 'leveldb' : 'sqlite'
    },
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
