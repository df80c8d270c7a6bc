// What several tests do: by role and label, as a person finds things.

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
  await page.evaluate(() => document.activeElement.blur());
}

/** The row of the cursor in the log. */
export const currentRow = (page) => page.locator("[role=row][aria-current=true]");

/** Imports the receipt log from the first visit. */
export async function importReceipt(page, path) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose file…" }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Category").fill("receipt");
  await dialog.getByText("8,577 of 8,577 rows into 1,434 streams").waitFor();
  await dialog.getByRole("button", { name: "Import 8,577 events" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
}
