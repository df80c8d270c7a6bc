//! The stages of `cargo xtask test`.

use std::{path::PathBuf, process::Command};

use anyhow::bail;

use super::report::Tally;
use crate::{
    exec, package, page,
    project::{self, WASM_TARGET},
    tools::{self, browser, cargo_tool, node},
};

/// One of the stages, in the order in which they run: those that tell soonest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Fmt,
    Clippy,
    Native,
    Doc,
    ClippyWasm,
    Browser,
    Worker,
    EndToEnd,
}

/// What a stage came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) tally: Tally,
    pub(crate) output: String,
    /// A line for the reader, besides the numbers.
    pub(crate) note: Option<String>,
}

impl Stage {
    pub(crate) const ALL: [Self; 8] = [
        Self::Fmt,
        Self::Clippy,
        Self::Native,
        Self::Doc,
        Self::ClippyWasm,
        Self::Browser,
        Self::Worker,
        Self::EndToEnd,
    ];

    /// The name that `--only` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Native => "native",
            Self::Doc => "doc",
            Self::ClippyWasm => "clippy-wasm",
            Self::Browser => "browser",
            Self::Worker => "worker",
            Self::EndToEnd => "e2e",
        }
    }

    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "the code is formatted",
            Self::Clippy => "clippy finds nothing, for this machine",
            Self::Native => "tests that need no browser",
            Self::Doc => "the documentation without warnings, and its examples",
            Self::ClippyWasm => "clippy finds nothing, for the browser",
            Self::Browser => "tests/browser, in a page of a headless Chromium",
            Self::Worker => "tests/worker, in a dedicated worker of a headless Chromium",
            Self::EndToEnd => "tests/e2e, on the page and the npm package built for release",
        }
    }

    /// Installs what the stage needs and runs it. An error means that it could not be run at all.
    pub(crate) fn run(self) -> anyhow::Result<Done> {
        match self {
            Self::Fmt => {
                tools::ensure_components()?;
                self.check(exec::cargo(["fmt", "--all", "--check"]))
            }
            Self::Clippy => {
                tools::ensure_components()?;
                let command = exec::cargo(["clippy", "--workspace", "--all-targets", "--all-features"]);
                self.check(denying_warnings(command))
            }
            Self::Native => {
                let mut command = exec::cargo(["test", "--workspace", "--lib", "--bins", "--tests", "--examples"]);
                command.args(["--features", TESTING, "--no-fail-fast", "--", "--show-output"]);
                self.rust_tests(command)
            }
            Self::Doc => {
                let mut pages =
                    exec::cargo(["doc", "--workspace", "--exclude", "xtask", "--no-deps", "--features", TESTING]);
                pages.env("RUSTDOCFLAGS", "-D warnings");
                let pages = self.check(pages)?;
                if pages.tally.failed > 0 {
                    return Ok(pages);
                }
                let mut command = exec::cargo(["test", "--workspace", "--doc", "--features", TESTING]);
                command.arg("--no-fail-fast");
                self.rust_tests(command)
            }
            Self::ClippyWasm => {
                tools::ensure_components()?;
                tools::ensure_wasm_target()?;
                let mut command = exec::cargo(["clippy", "--workspace", "--exclude", "xtask", "--target", WASM_TARGET]);
                // Only what runs in a browser: the crates' own tests run natively.
                command.args(["--all-features", "--lib", "--bins", "--test", "browser", "--test", "worker"]);
                self.check(denying_warnings(command))
            }
            Self::Browser | Self::Worker => self.browser_tests(),
            Self::EndToEnd => self.end_to_end_tests(),
        }
    }

    fn check(self, mut command: Command) -> anyhow::Result<Done> {
        let captured = self.capture(&mut command)?;
        Ok(Done { tally: Tally::check(captured.success), output: captured.output, note: None })
    }

    fn rust_tests(self, mut command: Command) -> anyhow::Result<Done> {
        let captured = self.capture(&mut command)?;
        let tally = Tally::of_rust_tests(&captured.output, captured.success);
        // Examples in the documentation are the one kind that may be all of a kind that is only compiled.
        if tally.total() == 0 && self != Self::Doc {
            bail!("no test was run:\n{}", captured.output);
        }
        Ok(Done { tally, output: captured.output, note: None })
    }

    fn browser_tests(self) -> anyhow::Result<Done> {
        tools::ensure_wasm_target()?;
        let browser = browser::ensure()?;
        let runner = cargo_tool::ensure_wasm_test_runner()?;
        let capabilities = browser.write_webdriver_capabilities()?;
        let mut command = exec::cargo(["test", "--package", "leftfold-tests", "--target", WASM_TARGET]);
        // With --nocapture the console reaches the output also when a test passes, and with it why a test was skipped.
        command.args(["--test", self.name(), "--", "--nocapture"]);
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
        command.env("CHROMEDRIVER", &browser.driver);
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
        // For all tests of the binary together, and for a driver that starts on a busy machine; in seconds.
        command.env("WASM_BINDGEN_TEST_TIMEOUT", "900");
        command.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
        self.rust_tests(command)
    }

    fn end_to_end_tests(self) -> anyhow::Result<Done> {
        tools::ensure_wasm_target()?;
        let node = node::ensure()?;
        let browser = browser::ensure()?;
        let tools = cargo_tool::ensure_page_tools()?;
        let size = page::build(&tools, &node)?;
        let package = package::build(&node)?;
        let mut command = node.command();
        // A test that hangs ends with a name rather than with the patience of the reader; in milliseconds. Node counts a file's
        // tests together: the longest file takes minutes.
        command.args(["--test", "--test-reporter=spec", "--test-timeout=900000"]);
        // Node leaves one processor to itself; tests that wait for a browser need none. No file knows of another: each has its own
        // browser, server and folder.
        let files_at_once = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        command.arg(format!("--test-concurrency={files_at_once}")).args(node::test_files()?);
        command.env("CHROME", &browser.chrome).env("LEFTFOLD_PAGE", project::dist());
        command.env("LEFTFOLD_PACKAGE", project::package());
        let captured = self.capture(&mut command)?;
        let tally = Tally::of_node_tests(&captured.output, captured.success);
        if tally.total() == 0 {
            bail!("no test was run:\n{}", captured.output);
        }
        Ok(Done { tally, output: captured.output, note: Some(format!("{size}\n{package}")) })
    }

    fn capture(self, command: &mut Command) -> anyhow::Result<exec::Captured> {
        exec::capture(command, &self.log())
    }

    /// The file that has what the stage's last program printed.
    pub(crate) fn log(self) -> PathBuf {
        project::scratch().join(format!("{}.log", self.name()))
    }
}

/// What the tests of the workspace need of the core besides what an application gets.
const TESTING: &str = "leftfold-core/testing";

fn denying_warnings(mut command: Command) -> Command {
    command.args(["--", "--deny", "warnings"]);
    command
}
