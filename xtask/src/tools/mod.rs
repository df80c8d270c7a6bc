//! The programs that are needed besides cargo: found when they are there in the right version, installed otherwise.
//!
//! Nothing here downloads a prebuilt program from a project's site: Rust tools are compiled from crates.io, the browser
//! and Node.js come from the system's packages, and the rest from the npm registry.

pub(crate) mod browser;
pub(crate) mod cargo_tool;
pub(crate) mod node;
mod system;

use std::path::Path;

use anyhow::{Context, bail};

use crate::{
    exec,
    project::{self, WASM_TARGET},
};

/// Makes sure that code can be compiled for the browser.
pub(crate) fn ensure_wasm_target() -> anyhow::Result<()> {
    if wasm_target_is_there() {
        return Ok(());
    }
    println!("Adding the target {WASM_TARGET} to the Rust toolchain");
    if which::which("rustup").is_err() {
        bail!(
            "the target {WASM_TARGET} is missing and rustup is not there to add it: install it with your Rust toolchain's own tool"
        );
    }
    exec::run(exec::command("rustup").args(["target", "add", WASM_TARGET]))
        .context("the browser's target could not be added")
}

/// Asks rustc itself, so that a toolchain without rustup does as well.
fn wasm_target_is_there() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    exec::stdout(Path::new(&rustc), &["--print", "target-libdir", "--target", WASM_TARGET])
        .is_some_and(|folder| Path::new(folder.trim()).is_dir())
}

/// Makes sure that `cargo fmt` and `cargo clippy` are there: a minimal toolchain comes without them.
pub(crate) fn ensure_components() -> anyhow::Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let cargo = project::cargo();
        if exec::stdout(Path::new(&cargo), &[subcommand, "--version"]).is_none() {
            println!("Adding {component} to the Rust toolchain");
            exec::run(exec::command("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is missing and could not be added"))?;
        }
    }
    Ok(())
}
