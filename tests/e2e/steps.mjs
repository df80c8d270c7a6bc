// What several tests do: by role and label, as a person finds things.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Loads the sample from the first visit. */
export async function loadSample(page) {
  await page.getByRole("button", { name: "Load sample" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await page.getByText("Sample loaded").waitFor();
  await page.getByRole("button", { name: "Close note" }).click();
}

/** The slider of the timeline. */
export const playhead = (page) => page.getByRole("slider", { name: "Playhead" });

/** The position of the cursor. */
export const cursor = async (page) => Number(await playhead(page).getAttribute("aria-valuenow"));

/** How many events the log has. */
export const eventCount = async (page) => Number(await playhead(page).getAttribute("aria-valuemax"));

/** Waits until the cursor is at a position. */
export async function cursorAt(page, position) {
  await page.waitForFunction(
    (position) => Number(document.querySelector("#playhead")?.getAttribute("aria-valuenow")) === position,
    position,
  );
}

/** Goes to a position by typing it. */
export async function goTo(page, position) {
  const field = page.getByLabel("Go to position");
  await field.fill(String(position));
  await field.press("Enter");
  await cursorAt(page, position);
  // Rows may follow the cursor a moment later.
  await page.waitForFunction((position) => {
    const row = document.querySelector(".lf-log__row[aria-current=true] .lf-log__pos");
    return !row || row.lastChild.data.replaceAll(",", "") === String(position);
  }, position);
  await page.evaluate(() => document.activeElement.blur());
}

/** The row of the cursor in the log. */
export const currentRow = (page) => page.locator("[role=row][aria-current=true]");

/** Waits until the row of the cursor says something: rows follow the playhead, sometimes a few frames behind it. */
export const currentRowSays = (page, text) => currentRow(page).filter({ hasText: text }).waitFor();

/** Waits until every row of the log that is in view is written: some are at a time, and until then stand as they were. */
export const rowsStand = (page) =>
  page.waitForFunction(() => {
    const rows = [...document.querySelectorAll(".lf-log__row")]
      .map((row) => [row.getBoundingClientRect().top, Number(row.dataset.row)])
      .sort(([a], [b]) => a - b);
    return rows.length > 0 && rows.every(([, row], index) => index === 0 || row === rows[index - 1][1] + 1);
  });

/** The numbers of the rows that are drawn. */
export const rowsDrawn = (page) =>
  page.evaluate(() => [...document.querySelectorAll(".lf-log__row")].map((row) => Number(row.dataset.row)).sort((a, b) => a - b));

/** How many rows the log has. */
export const rowCount = async (page) => Number(await page.getByRole("grid", { name: "Events" }).getAttribute("aria-rowcount")) - 1;

/** Waits until the log has so many rows. */
export async function countIs(page, rows) {
  await page.waitForFunction(
    (rows) => Number(document.querySelector("[role=grid]")?.getAttribute("aria-rowcount")) === rows + 1,
    rows,
  );
}

/** A file of the test's own; it is deleted when the test ends. */
export async function fileOf(t, name, text) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-file-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Imports a file from the first visit, and shows its log. */
export async function importFile(page, path, { category, button }) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose file…" }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  if (category) await dialog.getByLabel("Category").fill(category);
  await dialog.getByRole("button", { name: button }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
}

/** Imports the receipt log from the first visit. */
export const importReceipt = (page, path) => importFile(page, path, { category: "receipt", button: "Import 8,577 events" });

/** Flips a bit of every sealed payload of the sample; a second time all are as they were. Gives how many there are. */
export const flipPayloads = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("leftfold:order-fulfilment");
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const database = request.result;
          const transaction = database.transaction("payload", "readwrite");
          const cursor = transaction.objectStore("payload").openCursor();
          let changed = 0;
          cursor.onsuccess = () => {
            const at = cursor.result;
            if (!at) return;
            const bytes = new Uint8Array(at.value);
            bytes[bytes.length >> 1] ^= 1;
            at.update(bytes);
            changed += 1;
            at.continue();
          };
          transaction.onabort = () => reject(transaction.error);
          transaction.oncomplete = () => {
            database.close();
            resolve(changed);
          };
        };
      }),
  );
