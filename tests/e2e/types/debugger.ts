// The entry `leftfold/debugger`, as a program uses it.

import { LeftfoldDebugger, load } from "leftfold/debugger";

export async function show(box: HTMLElement, name: string): Promise<() => Promise<void>> {
  await load();
  const shown = document.createElement("leftfold-debugger");
  const same: LeftfoldDebugger = shown;
  same.store = name;
  same.theme = "dark";
  const theme: "light" | "dark" | null = same.theme;
  if (theme === null || same.store !== name) throw new Error("the attributes are not kept");
  box.append(shown);
  return async () => {
    shown.remove();
    await shown.closed;
  };
}
