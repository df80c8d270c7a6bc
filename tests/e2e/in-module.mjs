// Running a piece of a test in a page, on the module that the page can import.

/**
 * Runs `run(module, tools, argument)` in the page, with the module started, and gives what it returns. It is sent as text:
 * it sees nothing of the file that it stands in. `tools`:
 *
 * - `freshName()`: the name of a store that no other test has
 * - `failure(promise)`: what a call rejects with, as plain values; throws when it does not reject
 * - `until(check)`: waits until `check()` gives something true, and gives that
 */
export function inModule(page, run, argument) {
  return page.evaluate(
    async ([source, argument]) => {
      const module = await import("/leftfold.js");
      await module.default();
      const failure = async (call) => {
        try {
          await (typeof call === "function" ? call() : call);
        } catch (error) {
          if (!(error instanceof module.LeftfoldError)) throw error;
          return { code: error.code, message: error.message, details: error.details };
        }
        throw new Error("the call did not fail");
      };
      const until = async (check) => {
        for (;;) {
          const found = await check();
          if (found) return found;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      const freshName = () => `test-${crypto.randomUUID()}`;
      return (0, eval)(`(${source})`)(module, { failure, until, freshName }, argument);
    },
    [String(run), argument],
  );
}
