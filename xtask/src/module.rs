//! The JavaScript module of the core, for those who write no Rust: built into a folder that any server can serve.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, bail};

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
    logged(&mut compile, "module-compile")?;
    let compiled = project::target().join(WASM_TARGET).join("release").join("leftfold_core.wasm");
    let folder = project::target().join("js");
    let mut bind = exec::command(wasm_tools.join("wasm-bindgen"));
    logged(bind.args(["--target", "web", "--out-dir"]).arg(&folder).arg(compiled), "module-bind")?;
    page::optimize(node, &folder.join("leftfold_core_bg.wasm"))?;
    Ok(folder)
}

/// Runs in silence, unless it fails.
fn logged(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let captured = exec::capture(command, &project::scratch().join(format!("{name}.log")))?;
    if !captured.success {
        bail!("the JavaScript module could not be built:\n{}", captured.output);
    }
    Ok(())
}
