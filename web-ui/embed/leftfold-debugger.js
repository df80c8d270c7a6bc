// <leftfold-debugger store="name">: the debugger over a store of this site, for a drawer or a page of its own.
//
// Everything is in the element's shadow root: no style comes in or goes out, and keys are heard only while the focus is inside.
// The page around it keeps its address, its history and its title.

import start, { MountedDebugger } from "./leftfold-web-ui.js";
import styles from "./leftfold-debugger-styles.js";

/** Made once, however many elements there are. */
let sheet;
let started;

function sharedSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  return sheet;
}

/** Loads the code of the debugger, once. A load that failed is tried again by the next element. */
export function load() {
  started ??= start().catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

// Where there is no document, such as on a server that renders pages, the class can be imported but not used.
const Base = globalThis.HTMLElement ?? class {};

export class LeftfoldDebugger extends Base {
  static observedAttributes = ["store", "theme"];

  #frame;
  #mounted;
  #closing = Promise.resolve();

  /** The name of the store that is shown, or `null`. */
  get store() {
    return this.getAttribute("store");
  }

  set store(name) {
    this.#reflect("store", name);
  }

  /** `"light"`, `"dark"`, or `null`: as the system. */
  get theme() {
    return this.getAttribute("theme");
  }

  set theme(name) {
    this.#reflect("theme", name);
  }

  /** Fulfilled when everything that the element held is released: after it was taken out of the page, its store is closed. */
  get closed() {
    return this.#closing;
  }

  connectedCallback() {
    // Moved within the page: what it shows stays.
    if (this.#frame) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sharedSheet()];
    const frame = document.createElement("section");
    frame.className = "lf-page lf-page--element";
    frame.setAttribute("aria-label", "Leftfold debugger");
    // What is pressed inside gives the frame the focus, and with it the keys.
    frame.tabIndex = -1;
    root.replaceChildren(frame);
    this.#frame = frame;
    this.#applyTheme();
    this.#mount(frame);
  }

  disconnectedCallback() {
    this.#closing = this.#leave(this.#closing);
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === "store") this.#mounted?.open(this.store ?? undefined);
    else this.#applyTheme();
  }

  async #mount(frame) {
    try {
      await load();
      // It may have left the page, and come back, while the code was loading.
      if (this.#frame !== frame) return;
      this.#mounted = new MountedDebugger(frame, () => import("./leftfold-editor.js"));
      this.#applyTheme();
      this.#mounted.open(this.store ?? undefined);
    } catch (error) {
      if (this.#frame !== frame) return;
      const said = document.createElement("p");
      said.className = "lf-page__failed";
      said.setAttribute("role", "alert");
      said.textContent = `The debugger could not be loaded: ${error?.message ?? error}`;
      frame.replaceChildren(said);
    }
  }

  async #leave(before) {
    // Being moved within the page is leaving it and coming back at once.
    await undefined;
    if (!this.isConnected && this.#frame) {
      this.#frame.remove();
      this.#frame = undefined;
      const mounted = this.#mounted;
      this.#mounted = undefined;
      if (mounted) {
        await mounted.unmount();
        mounted.free();
      }
    }
    await before;
  }

  #applyTheme() {
    const theme = this.theme;
    if (this.#mounted) this.#mounted.setTheme(theme ?? undefined);
    else if (this.#frame && (theme === "light" || theme === "dark")) this.#frame.dataset.theme = theme;
    else if (this.#frame) delete this.#frame.dataset.theme;
  }

  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }
}

if (globalThis.customElements && !customElements.get("leftfold-debugger")) {
  customElements.define("leftfold-debugger", LeftfoldDebugger);
}
