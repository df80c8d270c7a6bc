/**
 * The debugger as an element: importing this module defines `<leftfold-debugger>`.
 *
 * ```html
 * <leftfold-debugger store="todo"></leftfold-debugger>
 * ```
 *
 * It shows the store of this name of the same origin, live, whichever tab or module writes to it. A store that there is not is
 * waited for, and never made. The element fills its box: give it a height, at least 320 by 320 pixels. It never touches the
 * address, the history or the title of the page, and hears keys only while the focus is inside of it.
 */
export class LeftfoldDebugger extends HTMLElement {
  /** The attribute `store`: the name of the store that is shown. A change opens the other store. */
  get store(): string | null;
  set store(name: string | null | undefined);
  /** The attribute `theme`: `"light"`, `"dark"`, or as the system. */
  get theme(): "light" | "dark" | null;
  set theme(name: "light" | "dark" | null | undefined);
  /** Fulfilled when the store of an element that was taken out of the page is closed. */
  get closed(): Promise<void>;
}

/**
 * Loads the code of the debugger, so that the first element shows at once. The elements do so themselves; whoever calls this learns
 * why it failed.
 */
export function load(): Promise<unknown>;

declare global {
  interface HTMLElementTagNameMap {
    "leftfold-debugger": LeftfoldDebugger;
  }
}
