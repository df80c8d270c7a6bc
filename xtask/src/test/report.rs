//! What the test runners say, as numbers.

use std::ops::AddAssign;

/// How a test says that it could not run here: a line that begins with this, then the reason.
///
/// Rust tests print it, natively (`println!`) and in the browser (`console_log!`), once a test, and return. It is for what a machine
/// may lack (a data folder), never for what a change broke.
const SKIPPED: &str = "SKIPPED: ";

/// The numbers of a stage, or of all.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// Why the skipped ones were skipped, where they said so.
    pub(crate) reasons: Vec<String>,
}

impl Tally {
    /// A stage that is one check.
    pub(crate) fn check(success: bool) -> Self {
        Self { passed: u64::from(success), failed: u64::from(!success), ..Self::default() }
    }

    /// A stage that never came to run a test.
    pub(crate) fn broken() -> Self {
        Self::check(false)
    }

    /// Reads the output of libtest or of wasm-bindgen-test-runner, of any number of test binaries.
    pub(crate) fn of_rust_tests(output: &str, success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines().map(str::trim) {
            if let Some(result) = line.strip_prefix("test result: ") {
                tally.passed += number_before(result, "passed");
                tally.failed += number_before(result, "failed");
                tally.skipped += number_before(result, "ignored");
            } else if let Some(reason) = line.strip_prefix(SKIPPED) {
                tally.reasons.push(reason.to_owned());
            }
        }
        // A test that says SKIPPED has passed for its runner.
        let said = (tally.reasons.len() as u64).min(tally.passed);
        tally.passed -= said;
        tally.skipped += said;
        tally.checked(success)
    }

    /// Reads the output of `node --test` with its spec reporter.
    pub(crate) fn of_node_tests(output: &str, success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines().map(str::trim) {
            if let Some((_, reason)) = line.split_once("# SKIP") {
                let reason = reason.trim();
                if !reason.is_empty() {
                    tally.reasons.push(reason.to_owned());
                }
            }
            let Some((name, count)) = line.strip_prefix("ℹ ").and_then(|summary| summary.split_once(' ')) else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else { continue };
            match name {
                "pass" => tally.passed += count,
                "fail" | "cancelled" => tally.failed += count,
                "skipped" | "todo" => tally.skipped += count,
                _ => {}
            }
        }
        tally.checked(success)
    }

    /// A runner that failed without a failing test (it did not compile, it crashed) counts as one failure.
    fn checked(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// How many tests there were.
    pub(crate) fn total(&self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

/// The part of a failed runner's output that tells of its failures, where it says where that begins; otherwise all of it.
pub(crate) fn failures(output: &str) -> &str {
    // Of node's spec reporter; libtest has a part for each binary, and prints what failed within it.
    const HEAD: &str = "✖ failing tests:";
    output.rfind(HEAD).map_or(output, |start| &output[start..])
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.reasons.extend(other.reasons);
    }
}

/// The number in front of a word, as in `3 passed`.
fn number_before(text: &str, word: &str) -> u64 {
    let mut before = "";
    for part in text.split([' ', ';', '.', ',']).filter(|part| !part.is_empty()) {
        if part == word {
            return before.parse().unwrap_or(0);
        }
        before = part;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::{Tally, failures};

    fn tally(passed: u64, failed: u64, skipped: u64, reasons: &[&str]) -> Tally {
        Tally { passed, failed, skipped, reasons: reasons.iter().map(|&reason| reason.to_owned()).collect() }
    }

    #[test]
    fn the_results_of_several_binaries_add_up() {
        let output = "\
test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_rust_tests(output, false), tally(16, 2, 3, &[]));
    }

    #[test]
    fn a_test_that_says_skipped_is_not_counted_as_passed() {
        let output = "\
---- replay::files stdout ----
SKIPPED: no folder of real data

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_rust_tests(output, true), tally(1, 0, 1, &["no folder of real data"]));
    }

    #[test]
    fn a_runner_that_fails_without_a_result_is_one_failure() {
        assert_eq!(Tally::of_rust_tests("error: could not compile", false), tally(0, 1, 0, &[]));
        assert_eq!(Tally::of_node_tests("SyntaxError", false), tally(0, 1, 0, &[]));
    }

    #[test]
    fn a_runner_that_fails_after_green_tests_is_still_a_failure() {
        let output = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_rust_tests(output, false), tally(2, 1, 0, &[]));
    }

    #[test]
    fn the_summary_of_node_is_read() {
        let output = "\
✔ the page answers (1.5ms)
﹣ a real log (0.1ms) # SKIP no folder of real data
ℹ tests 5
ℹ suites 0
ℹ pass 2
ℹ fail 1
ℹ cancelled 1
ℹ skipped 1
ℹ todo 0
ℹ duration_ms 68.1";
        assert_eq!(Tally::of_node_tests(output, false), tally(2, 2, 1, &["no folder of real data"]));
    }

    #[test]
    fn of_nodes_output_the_failures_alone_are_shown() {
        let output = "\
✔ the page answers (1.5ms)
✖ a store is made (2.5ms)
ℹ fail 1

✖ failing tests:

test at store.test.mjs:3:1
✖ a store is made (2.5ms)
  TimeoutError: waiting for the heading";
        assert!(failures(output).starts_with("✖ failing tests:\n\ntest at store.test.mjs:3:1\n"));
        assert_eq!(failures("error: could not compile"), "error: could not compile");
    }
}
