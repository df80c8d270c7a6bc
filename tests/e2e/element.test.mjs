// The debugger as an element of somebody else's page: <leftfold-debugger store="...">.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { currentRowSays, cursor, fileOf } from "./steps.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** An app with a drawer; `head` has styles of its own. */
const app = (head = "", drawer = '<leftfold-debugger store="orders"></leftfold-debugger>') => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The app</title><link rel="icon" href="data:,">
<style>html, body { margin: 0; height: 100%; } aside { position: fixed; inset: 0 0 0 auto; width: 480px; }</style>${head}</head>
<body><main><h1>The app</h1><label>Name <input id="name"></label> <button type="button" id="add">Add</button></main>
<aside aria-label="Drawer">${drawer}</aside>
<script type="module" src="/debugger/leftfold-debugger.js"></script></body></html>`;

/** Opens the app of a test. */
const openApp = (t, { html = app(), texts = {}, ...options } = {}) =>
  openModule(t, { texts: { "/index.html": html, ...texts }, ...options });

/** Opens the store of the app with its own module, and appends some events. */
async function append(page, count, name = "orders") {
  await page.evaluate(
    async ([count, name]) => {
      const { default: init, EventStore } = await import("/leftfold.js");
      await init();
      globalThis.store ??= await EventStore.open(name);
      for (let n = 0; n < count; n += 1) {
        await globalThis.store.append(`order-${n % 3}`, [{ type: n % 2 ? "OrderPaid" : "OrderPlaced", data: { n } }]);
      }
    },
    [count, name],
  );
}

const element = (page) => page.locator("leftfold-debugger");

/** Waits until the log of the element has so many events. */
const logHas = (page, count) => element(page).getByRole("slider", { name: "Playhead" }).and(page.locator(`[aria-valuemax="${count}"]`)).waitFor();

/** Lets the page paint, and whatever waits for that go on. */
const frames = (page, count = 5) =>
  page.evaluate(async (count) => {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, count);

test("a store that is not there is waited for and not made; what the app appends is shown live", async (t) => {
  const { page, url } = await openApp(t);
  const before = await page.evaluate(() => history.length);
  await element(page).getByRole("heading", { name: "No store named orders yet" }).waitFor();
  await element(page).getByRole("button", { name: "Look again" }).click();
  await element(page).getByRole("heading", { name: "No store named orders yet" }).waitFor();
  assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  await append(page, 0);
  await element(page).getByRole("heading", { name: "orders has no events yet" }).waitFor();
  await append(page, 3);
  await logHas(page, 3);
  await page.evaluate(() => {
    globalThis.told = [];
    const { shadowRoot } = document.querySelector("leftfold-debugger");
    const look = () => {
      const row = shadowRoot.querySelector("[role=row][aria-current=true]")?.textContent ?? "";
      if (row.includes("ahead")) globalThis.told.push(row);
      requestAnimationFrame(look);
    };
    look();
  });
  await append(page, 2);
  await logHas(page, 5);
  // Rows follow a moment behind the playhead; by no means do they say that something is ahead of a live page.
  await currentRowSays(page, "OrderPaid");
  assert.deepEqual(await page.evaluate(() => globalThis.told), []);
  // What the debugger does is nothing to the page around it.
  const around = await page.evaluate(() => [location.href, history.length, document.title, document.body.outerHTML.includes("data-theme")]);
  assert.deepEqual(around, [`${url}/`, before, "The app", false]);
});

test("keys of the app are the app's, and keys of the debugger the debugger's", async (t) => {
  const { page, url } = await openApp(t);
  await append(page, 6);
  await logHas(page, 6);
  await page.evaluate(() => {
    globalThis.heard = [];
    addEventListener("keydown", (event) => globalThis.heard.push(event.key));
  });
  const heard = () => page.evaluate(() => globalThis.heard.splice(0));
  await page.locator("#name").focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("jab/?n[");
  await page.keyboard.press("Home");
  await page.keyboard.press("Control+k");
  await page.locator("#add").focus();
  await page.keyboard.press("ArrowLeft");
  await frames(page);
  assert.equal(await cursor(page), 6);
  assert.equal(await element(page).getByRole("dialog").count(), 0);
  assert.equal(await page.locator("#name").inputValue(), "jab/?n[");
  assert.equal((await heard()).length, 12);
  // A press on what takes no focus itself brings the keys with it.
  await element(page).getByText("6 events", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await element(page).locator('#playhead[aria-valuenow="5"]').waitFor();
  await page.keyboard.press("Home");
  await element(page).locator('#playhead[aria-valuenow="1"]').waitFor();
  await page.keyboard.press("/");
  const hasFocus = (id) => document.querySelector("leftfold-debugger").shadowRoot.activeElement?.id === id;
  await page.waitForFunction(hasFocus, "log-search");
  await page.keyboard.type("placed");
  assert.equal(await element(page).getByLabel("Find in events").inputValue(), "placed");
  assert.deepEqual(await heard(), []);
  // The first Escape empties the field, the second leaves it: the keys are still those of the debugger.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  await element(page).locator('#playhead[aria-valuenow="6"]').waitFor();
  await page.keyboard.press("Control+k");
  const palette = element(page).getByRole("dialog", { name: "Command palette" });
  await palette.waitFor();
  assert.equal(await palette.getByText("Copy link").count(), 0);
  // The app can be used beneath an open dialog.
  await page.locator("#name").fill("Ada");
  await palette.getByRole("combobox").press("Escape");
  await palette.waitFor({ state: "detached" });
  assert.equal(page.url(), `${url}/`);
});

test("the focus is not called back from the app", async (t) => {
  const { page } = await openApp(t);
  await append(page, 4);
  await logHas(page, 4);
  await element(page).getByText("4 events", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await element(page).getByRole("button", { name: /^Go live/ }).focus();
  await page.locator("#name").focus();
  // What had the focus goes away while the app has it.
  await page.evaluate(() => document.querySelector("leftfold-debugger").shadowRoot.querySelector(".lf-moment__go").click());
  await frames(page, 20);
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
  // Within the element it goes on, as on the page.
  await element(page).getByText("4 events", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await element(page).getByRole("button", { name: /^Go live/ }).press("Enter");
  await page.waitForFunction(() => document.querySelector("leftfold-debugger").shadowRoot.activeElement?.id === "playhead");
});

test("no style comes in, and none goes out", async (t) => {
  const hostile = `<style>
    * { color: rgb(255, 0, 0); font-size: 30px; letter-spacing: 5px; text-transform: uppercase; direction: rtl; }
    button { all: unset; } div, section { border: 7px solid lime; } h1 { margin: 50px; } [role=row] { display: none; }
    :root { --lf-row-h: 90px; --lf-text: rgb(255, 0, 0); }
  </style>`;
  const look = (page) =>
    page.evaluate(() => {
      const root = document.querySelector("leftfold-debugger").shadowRoot;
      const of = (selector) => {
        const element = root.querySelector(selector);
        const style = getComputedStyle(element);
        const { width, height } = element.getBoundingClientRect();
        const names = ["color", "fontSize", "letterSpacing", "textTransform", "direction", "borderTopWidth", "backgroundColor", "display", "padding"];
        return [selector, width, height, ...names.map((name) => style[name])];
      };
      return [".lf-page", ".lf-appbar", ".lf-store", "h1", ".lf-log__row", ".lf-log__type", ".lf-transport button", ".lf-nav__item"].map(of);
    });
  const appStyle = (page) =>
    page.evaluate(() => {
      const of = (element) => {
        const style = getComputedStyle(element);
        return [style.color, style.fontSize, style.fontFamily, style.margin, style.boxSizing, style.backgroundColor, style.outline];
      };
      return ["html", "body", "h1", "input", "#add"].map((selector) => of(document.querySelector(selector)));
    });
  const { page: plain, newTab } = await openApp(t, { texts: { "/hostile.html": app(hostile), "/bare.html": app("", "") } });
  await append(plain, 4);
  await logHas(plain, 4);
  const page = await newTab("/hostile.html");
  await logHas(page, 4);
  await page.bringToFront();
  for (const tab of [plain, page]) await element(tab).locator("[role=row][aria-current=true]").waitFor();
  assert.deepEqual(await look(page), await look(plain));
  // The same app without the debugger looks the same.
  assert.deepEqual(await appStyle(plain), await appStyle(await newTab("/bare.html")));
  assert.equal(await page.evaluate(() => document.styleSheets.length + document.adoptedStyleSheets.length), 2);
});

for (const theme of ["light", "dark"]) {
  test(`axe-core finds nothing in a drawer, ${theme}`, async (t) => {
    const { page } = await openApp(t, { colorScheme: theme === "light" ? "dark" : "light" });
    const assertClean = async (what) => {
      if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const root = document.querySelector("leftfold-debugger").shadowRoot;
        const ending = root.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
        await Promise.allSettled(ending.map((one) => one.finished));
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
        return violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
      });
      assert.deepEqual(found, [], `${what} breaks rules of axe-core`);
    };
    await element(page).evaluate((element, theme) => (element.theme = theme), theme);
    await element(page).getByRole("heading", { name: /^No store named/ }).waitFor();
    await assertClean("the wait for a store");
    await append(page, 5);
    await logHas(page, 5);
    const background = await element(page).evaluate((element) => getComputedStyle(element.shadowRoot.querySelector(".lf-page")).backgroundColor);
    assert.equal(background, theme === "light" ? "rgb(242, 243, 246)" : "rgb(11, 13, 17)");
    await assertClean("the log in a narrow drawer");
    await page.addStyleTag({ content: "aside { width: 1000px !important; }" });
    await element(page).getByRole("region", { name: "Inspector" }).waitFor();
    await assertClean("the log beside its inspector");
    await element(page).getByRole("button", { name: /^Command palette/ }).click();
    await element(page).getByRole("dialog", { name: "Command palette" }).waitFor();
    await assertClean("the palette");
  });
}

test("an element that is taken out lets go of everything, and one that is moved stays", async (t) => {
  const { page } = await openApp(t);
  await append(page, 3);
  await logHas(page, 3);
  await element(page).getByText("3 events", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await element(page).locator('#playhead[aria-valuenow="2"]').waitFor();
  await page.evaluate(() => document.querySelector("main").append(document.querySelector("leftfold-debugger")));
  await frames(page);
  assert.equal(await cursor(page), 2);
  // Beneath it the store is deleted without waiting for anybody: it is closed.
  await page.evaluate(async () => {
    const debuggerElement = document.querySelector("leftfold-debugger");
    debuggerElement.remove();
    await debuggerElement.closed;
    globalThis.debuggerElement = debuggerElement;
  });
  await append(page, 2);
  await page.evaluate(async () => {
    const { EventStore } = await import("/leftfold.js");
    await globalThis.store.close();
    globalThis.store = undefined;
    await EventStore.delete("orders");
  });
  await append(page, 1);
  // Put in again, it begins anew.
  await page.evaluate(() => document.querySelector("aside").append(globalThis.debuggerElement));
  await logHas(page, 1);
});

test("stores are made, filled, written to files, switched and deleted within the element", async (t) => {
  const { page, url } = await openApp(t);
  await append(page, 3);
  await logHas(page, 3);
  const item = (name, role = "menuitem") => element(page).getByRole("menu", { name: "Stores" }).getByRole(role, { name });
  const openMenu = () => element(page).getByRole("button", { name: /^Store:/ }).click();
  await openMenu();
  assert.equal(await element(page).getByRole("menuitem", { name: /simulator/ }).count(), 0);
  await item("New store").click();
  await element(page).getByRole("dialog").getByLabel("Name").fill("copy");
  await page.keyboard.press("Enter");
  await element(page).getByRole("heading", { name: "copy has no events yet" }).waitFor();
  const lines = Array.from({ length: 5 }, (_, n) => JSON.stringify({ stream: `cart-${n}`, type: "CartOpened", data: { n } })).join("\n");
  const chooser = page.waitForEvent("filechooser");
  await element(page).getByRole("button", { name: "Import a file…" }).click();
  await (await chooser).setFiles(await fileOf(t, "carts.ndjson", lines));
  await element(page).getByRole("dialog").getByRole("button", { name: "Import 5 events" }).click();
  await element(page).getByRole("dialog").getByRole("button", { name: "Show the log" }).click();
  await openMenu();
  await item(/^orders/, "menuitemradio").click();
  await logHas(page, 3);
  await element(page).getByRole("button", { name: /^Command palette/ }).click();
  await element(page).getByRole("combobox").fill("export");
  await page.keyboard.press("Enter");
  const download = page.waitForEvent("download");
  await element(page).getByRole("dialog").getByRole("button", { name: /^Export/ }).click();
  const text = await readFile(await (await download).path(), "utf8");
  assert.equal(text.trim().split("\n").filter((line) => line.includes("Order")).length, 3);
  // The store of the app: asked first, then gone for the app as well.
  await openMenu();
  await item("Delete store orders").click();
  const asks = element(page).getByRole("dialog", { name: "Delete orders?" });
  await asks.getByRole("button", { name: "Cancel" }).click();
  await append(page, 1);
  await logHas(page, 4);
  await openMenu();
  await item("Delete store orders").click();
  await asks.getByRole("button", { name: "Delete store" }).click();
  await element(page).getByRole("heading", { name: "No store named orders yet" }).waitFor();
  assert.equal(page.url(), `${url}/`);
});

test("a store is said to be gone once it is, and is not made again", async (t) => {
  const { page } = await openApp(t);
  await append(page, 3);
  await logHas(page, 3);
  // A connection that does not let go keeps the deletion waiting.
  await page.evaluate(async () => {
    const request = indexedDB.open("leftfold:orders");
    await new Promise((resolve) => (request.onsuccess = resolve));
    globalThis.held = request.result;
    globalThis.isAsked = new Promise((resolve) => (globalThis.held.onversionchange = resolve));
  });
  await element(page).getByRole("button", { name: /^Store:/ }).click();
  await element(page).getByRole("menuitem", { name: "Delete store orders" }).click();
  await element(page).getByRole("dialog", { name: "Delete orders?" }).getByRole("button", { name: "Delete store" }).click();
  await page.evaluate(() => globalThis.isAsked);
  await frames(page);
  const gone = element(page).getByRole("heading", { name: "No store named orders yet" });
  assert.equal(await gone.count(), 0);
  await page.evaluate(() => globalThis.held.close());
  await gone.waitFor();
  const stores = () => page.evaluate(() => indexedDB.databases());
  assert.deepEqual(await stores(), []);
  const failed = await page.evaluate(() => globalThis.store.append("order-1", [{ type: "Late" }]).then(() => "stored", (error) => error.code));
  assert.equal(failed, "storage-closed");
  // It is looked for, and opened only where it is found.
  await element(page).getByRole("button", { name: "Look again" }).click();
  await gone.waitFor();
  assert.deepEqual(await stores(), []);
});

test("taken out while its store is being opened, it is closed once that is closed again", async (t) => {
  const { page } = await openApp(t, { html: app("", "<leftfold-debugger></leftfold-debugger>") });
  await element(page).getByRole("heading", { name: "No store named" }).waitFor();
  await append(page, 3);
  const { order, locks } = await page.evaluate(async () => {
    await globalThis.store.close();
    const locksOfStore = async () => (await navigator.locks.query()).held.filter(({ name }) => name.startsWith("leftfold:orders:seen:"));
    while ((await locksOfStore()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // A transaction that does not end keeps every opening waiting.
    const request = indexedDB.open("leftfold:orders");
    const database = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const meta = database.transaction("meta", "readwrite").objectStore("meta");
    let isHeld = true;
    const hold = () => {
      if (isHeld) meta.count().onsuccess = hold;
    };
    hold();
    const shown = document.querySelector("leftfold-debugger");
    shown.setAttribute("store", "orders");
    while ((await locksOfStore()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    shown.remove();
    const order = [];
    const closed = shown.closed.then(() => order.push("closed"));
    for (let i = 0; i < 10; i += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    order.push("opened");
    isHeld = false;
    await closed;
    const locks = (await locksOfStore()).length;
    database.close();
    return { order, locks };
  });
  assert.deepEqual(order, ["opened", "closed"]);
  assert.equal(locks, 0);
});

test("a branch is made, named and changed within the element", async (t) => {
  const { page } = await openApp(t);
  await append(page, 4);
  await logHas(page, 4);
  const button = (name) => element(page).getByRole("button", { name });
  await element(page).getByRole("radio", { name: "Inspector" }).click();
  await button("What if: branch from this event").click();
  const dialog = element(page).getByRole("dialog");
  await dialog.getByLabel("Name of the branch").fill("otherwise");
  await dialog.getByRole("button", { name: "Make branch" }).click();
  await element(page).getByRole("heading", { name: "What-if branch otherwise" }).waitFor({ state: "attached" });
  await button("Rename branch").click();
  await dialog.getByLabel("Name of the branch").fill("or not");
  await page.keyboard.press("Enter");
  await element(page).getByRole("heading", { name: "What-if branch or not" }).waitFor({ state: "attached" });
});

test("two elements show two stores, each its own; another attribute shows another store", async (t) => {
  const two = '<leftfold-debugger id="one" store="orders"></leftfold-debugger>';
  const html = app("<style>aside { display: grid; grid-template-rows: 1fr 1fr; }</style>", `${two}<leftfold-debugger id="two"></leftfold-debugger>`);
  const { page } = await openApp(t, { html, viewport: { width: 1000, height: 1200 } });
  const [one, second] = [page.locator("#one"), page.locator("#two")];
  await second.getByRole("heading", { name: "No store named" }).waitFor();
  await append(page, 4);
  await page.evaluate(async () => {
    const { EventStore } = await import("/leftfold.js");
    const carts = await EventStore.open("carts");
    await carts.append("cart-1", [{ type: "CartOpened" }, { type: "CartClosed" }]);
  });
  const heads = (locator, count) => locator.locator(`#playhead[aria-valuemax="${count}"]`).waitFor();
  await heads(one, 4);
  await second.evaluate((element) => (element.store = "carts"));
  await heads(second, 2);
  await second.getByText("2 events", { exact: true }).click();
  await page.keyboard.press("Home");
  await second.locator('#playhead[aria-valuenow="1"]').waitFor();
  assert.equal(await one.locator("#playhead").getAttribute("aria-valuenow"), "4");
  await one.evaluate((element) => element.setAttribute("store", "carts"));
  await heads(one, 2);
  // A store that another tab deletes is waited for again.
  await page.evaluate(async () => {
    const { EventStore } = await import("/leftfold.js");
    await EventStore.delete("carts");
  });
  await one.getByRole("heading", { name: "No store named carts yet" }).waitFor();
  await second.getByRole("heading", { name: "No store named carts yet" }).waitFor();
});

test("on a page of its own it follows the tab of the app", async (t) => {
  const alone = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Watch</title><link rel="icon" href="data:,">
    <style>html, body { margin: 0; height: 100%; }</style></head>
    <body><leftfold-debugger store="orders"></leftfold-debugger><script type="module" src="/debugger/leftfold-debugger.js"></script></body></html>`;
  const { page, newTab } = await openApp(t, { html: app("", ""), texts: { "/watch.html": alone } });
  const watch = await newTab("/watch.html");
  await element(watch).getByRole("heading", { name: "No store named orders yet" }).waitFor();
  await append(page, 3);
  await logHas(watch, 3);
  await append(page, 40);
  await logHas(watch, 43);
  await currentRowSays(watch, /^43/);
  // It fills its box, and lays itself out by its own room.
  const size = await element(watch).evaluate((element) => {
    const { width, height } = element.shadowRoot.querySelector(".lf-app").getBoundingClientRect();
    return [width - innerWidth, height - innerHeight];
  });
  assert.deepEqual(size, [0, 0]);
  assert.ok(await element(watch).getByRole("region", { name: "Inspector" }).isVisible());
  await watch.setViewportSize({ width: 1440, height: 420 });
  await watch.waitForFunction(() => {
    const root = document.querySelector("leftfold-debugger").shadowRoot;
    const share = root.querySelector("[role=grid]").getBoundingClientRect().height / innerHeight;
    return share > 1 / 3;
  });
});

test("code that cannot be loaded is told in the place of the debugger", async (t) => {
  const { page, errors } = await openApp(t, { texts: { "/debugger/leftfold-web-ui_bg.wasm": "no wasm" } });
  const alert = element(page).getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /^The debugger could not be loaded: ./);
  errors.length = 0;
});
