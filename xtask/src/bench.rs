//! `cargo xtask bench`: measures the engine against IndexedDB by hand and against other libraries, in a real browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use lexopt::Arg;

use crate::{
    exec,
    page::{self, Optimization},
    project::{self, WASM_TARGET},
    tools::{
        self, browser, cargo_tool,
        node::{self, Node},
    },
};

const HELP: &str = "\
Usage: cargo xtask bench [OPTIONS]

Measures the engine in headless Chromium, on both of its IndexedDB back ends: medians and ratios of one run, against
IndexedDB by hand, idb and Dexie. Then opens the built page on 1,000,000 events and measures its main thread. Writes all
to benches/RESULTS.md.

Options:
  --quick           fewer events and rounds; prints, and leaves benches/RESULTS.md alone
  --only ROWS       only these rows, by id, with commas, and no more prepared than they need. `page` and `texts`, each alone,
                    renew their part of benches/RESULTS.md; other choices leave it alone. An unknown id is answered with the known ones
  --back-ends LIST  leveldb, sqlite or both (the default), with commas";

const PACKAGE: &str = "leftfold-benches";
/// The row that measures the built page.
const PAGE_ROW: &str = "page";
/// What renews its own part of the results when it is measured alone.
const PARTS: [&str; 2] = [PAGE_ROW, "texts"];

#[derive(Debug, Default)]
struct Options {
    is_quick: bool,
    only: Option<String>,
    back_ends: Option<String>,
}

/// Runs the command; `arguments` are those after its name.
pub(crate) fn run(arguments: lexopt::Parser) -> anyhow::Result<ExitCode> {
    let Some(options) = parse(arguments)? else {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    tools::ensure_wasm_target()?;
    let wasm_tools = wasm_tools()?;
    let chrome = browser::ensure()?.chrome;
    let benches = project::root().join("benches");
    let node = node::ensure_in(benches.clone())?;
    let module = build(&wasm_tools, &node)?;
    if options.only.as_deref().is_none_or(|rows| rows.split(',').any(|row| row == PAGE_ROW)) {
        println!("{}", page::build(&cargo_tool::ensure_page_tools()?, &node::ensure()?)?);
    }
    let mut command = node.command();
    command.arg("run.mjs").arg("--chrome").arg(chrome).arg("--module").arg(module);
    if project::dist().is_dir() {
        command.arg("--page").arg(project::dist());
    }
    if options.is_quick {
        command.arg("--quick");
    } else if options.only.as_deref().is_none_or(|only| PARTS.contains(&only)) && options.back_ends.is_none() {
        command.arg("--out").arg(benches.join("RESULTS.md"));
    }
    for (name, value) in [("--only", options.only), ("--back-ends", options.back_ends)] {
        if let Some(value) = value {
            command.args([name, &value]);
        }
    }
    exec::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

fn parse(mut arguments: lexopt::Parser) -> anyhow::Result<Option<Options>> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long("quick") => options.is_quick = true,
            Arg::Long("only") => options.only = Some(text(&mut arguments)?),
            Arg::Long("back-ends") => options.back_ends = Some(text(&mut arguments)?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

fn text(arguments: &mut lexopt::Parser) -> anyhow::Result<String> {
    let value = arguments.value()?;
    value.into_string().map_err(|value| anyhow::anyhow!("not a text: {value:?}"))
}

/// The folder of `wasm-bindgen`.
fn wasm_tools() -> anyhow::Result<PathBuf> {
    let runner = cargo_tool::ensure_wasm_test_runner()?;
    runner.parent().map(Path::to_path_buf).context("wasm-bindgen is in no folder")
}

/// Builds the module that the page of the comparison loads, as a release of an application would be built.
fn build(wasm_tools: &Path, node: &Node) -> anyhow::Result<PathBuf> {
    exec::run(&mut exec::cargo(["build", "--quiet", "--release", "--target", WASM_TARGET, "--package", PACKAGE]))?;
    let compiled = project::target().join(WASM_TARGET).join("release").join("leftfold_benches.wasm");
    let folder = project::scratch().join("bench");
    // Written last, when the module was made of this very build: a rerun begins at once.
    let done = folder.join("done");
    if is_newer(&done, &compiled) {
        return Ok(folder);
    }
    let mut bind = exec::command(wasm_tools.join("wasm-bindgen"));
    exec::run(bind.args(["--target", "web", "--out-dir"]).arg(&folder).arg(compiled))?;
    let module = folder.join("leftfold_benches_bg.wasm");
    page::optimize(node, &module, Optimization::Speed)?;
    fs::write(&done, "").with_context(|| format!("could not write {}", done.display()))?;
    Ok(folder)
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let written = |file: &Path| file.metadata().and_then(|data| data.modified()).ok();
    matches!((written(made), written(source)), (Some(made), Some(source)) if made > source)
}
