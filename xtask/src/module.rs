//! The JavaScript module of the core, for those who write no Rust: built into a folder that any server can serve.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{
    exec, page,
    project::{self, WASM_TARGET},
    tools::{cargo_tool, node::Node},
};

const PACKAGE: &str = "leftfold-core";

/// Builds the module in release into the folder `js` of the target folder, and returns that folder.
pub(crate) fn build(node: &Node) -> anyhow::Result<PathBuf> {
    let runner = cargo_tool::ensure_wasm_test_runner()?;
    let wasm_tools = runner.parent().context("wasm-bindgen is in no folder")?;
    let mut compile = exec::cargo(["build", "--release", "--target", WASM_TARGET, "--package", PACKAGE]);
    compile.args(["--quiet", "--features", "js"]);
    exec::run(&mut compile)?;
    let compiled = project::target().join(WASM_TARGET).join("release").join("leftfold_core.wasm");
    let folder = project::target().join("js");
    bind(wasm_tools, &compiled, &folder)?;
    page::optimize(node, &folder.join("leftfold_core_bg.wasm"))?;
    Ok(folder)
}

fn bind(wasm_tools: &Path, compiled: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut command = exec::command(wasm_tools.join("wasm-bindgen"));
    exec::run(command.args(["--target", "web", "--out-dir"]).arg(folder).arg(compiled))
}
