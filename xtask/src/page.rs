//! The built page: what is served, tested and measured.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::{
    exec,
    project::{self, WASM_TARGET},
    tools::{cargo_tool::PageTools, node::Node},
};

/// What every browser of the last years understands; the compiler's output uses no more.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// What wasm-opt is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Optimization {
    /// Speed first.
    Speed,
    /// Size first.
    Size,
}

/// Downloads the crates of the lock file, so that trunk can be told to stay off the network.
///
/// Without that, trunk would try to download programs that it thinks it needs.
pub(crate) fn fetch_dependencies() -> anyhow::Result<()> {
    exec::run(&mut exec::cargo(["fetch", "--quiet", "--target", WASM_TARGET]))
}

/// Builds the page in release into `dist`, the code made smaller by wasm-opt; says how large it came out.
pub(crate) fn build(tools: &PageTools, node: &Node) -> anyhow::Result<String> {
    fetch_dependencies()?;
    let log = project::scratch().join("trunk.log");
    let mut trunk = tools.trunk()?;
    // Without the hashes of the code in the page, which would not be those of the smaller code.
    trunk.args(["build", "--release", "--offline", "--no-sri", "true"]).arg("--dist").arg(project::dist());
    let built = exec::capture(&mut trunk, &log)?;
    if !built.success {
        bail!("the page could not be built:\n{}", built.output);
    }
    for file in files("wasm")? {
        optimize(node, &file, Optimization::Speed)?;
    }
    size(node)
}

fn size(node: &Node) -> anyhow::Result<String> {
    let mut command = node.command();
    command.arg("size.mjs").arg(project::dist());
    let measured = exec::capture(&mut command, &project::scratch().join("size.log"))?;
    if !measured.success {
        bail!("the page could not be measured:\n{}", measured.output);
    }
    Ok(measured.output.trim().to_owned())
}

/// Makes a module smaller and faster. wasm-opt comes with the npm packages: trunk's own would be a download.
pub(crate) fn optimize(node: &Node, file: &Path, optimization: Optimization) -> anyhow::Result<()> {
    let optimizer = node.folder.join("node_modules").join("binaryen").join("bin").join("wasm-opt");
    let smaller = file.with_extension("smaller");
    let log = project::scratch().join("wasm-opt.log");
    let mut command = node.command();
    let level: &[&str] = match optimization {
        Optimization::Speed => &["-O3"],
        // Functions that are called once are left where they are: brotli makes less of the longer ones.
        Optimization::Size => &[
            "-Oz",
            "--one-caller-inline-max-function-size=0",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ],
    };
    command.arg(optimizer).args(level).args(FEATURES).arg(file).arg("-o").arg(&smaller);
    let optimized = exec::capture(&mut command, &log)?;
    if !optimized.success {
        bail!("wasm-opt failed:\n{}", optimized.output);
    }
    fs::rename(&smaller, file).with_context(|| format!("could not replace {}", file.display()))
}

/// The files of the built page with this extension.
pub(crate) fn files(extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let folder = project::dist();
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("the page was not built into {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(found)
}
