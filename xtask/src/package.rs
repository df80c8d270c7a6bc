//! `cargo xtask package`: the npm package `leftfold`, for those who write no Rust.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use lexopt::Arg;

use crate::{
    debugger_entry, exec, mark,
    page::{self, Optimization},
    project::{self, WASM_TARGET},
    tools::{
        self, cargo_tool,
        node::{self, Node},
    },
};

const HELP: &str = "\
Usage: cargo xtask package

Builds the npm package `leftfold` into pkg/: an ES module for bundlers and for pages without one, with types, and as
`leftfold/debugger` the debugger as an element, made of the page, which is built into dist/ first. Installs what is missing
(the wasm32 target, trunk, wasm-bindgen, wasm-split, Node.js, wasm-opt), and says at the end how large each file is.
`npm pack ./pkg` makes a file of it that npm installs; `npm install PATH/pkg` installs the folder itself.";

const CRATE: &str = "leftfold-core";
/// The profile of `Cargo.toml` that makes the code small.
const PROFILE: &str = "small";
/// The modules of the package. The second is loaded by the first.
const MODULES: [Module; 2] = [
    Module { feature: "js-split", name: "leftfold", rest: Some(Rest { part: "rest", name: "leftfold_rest" }) },
    Module { feature: "js-formats", name: "leftfold_formats", rest: None },
];
/// What lets a module be cut: the linker says which function stands where.
const RELOCATIONS: &str = "-Clink-args=--emit-relocs";
/// What is the same in every build: `package.json` and the read-me.
const WRITTEN: &str = "package";
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Runs the command; `arguments` are those after its name.
pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<ExitCode> {
    match arguments.next()? {
        None => {}
        Some(Arg::Long("help") | Arg::Short('h')) => {
            println!("{HELP}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().into()),
    }
    tools::ensure_wasm_target()?;
    let node = node::ensure()?;
    println!("Building the page for the debugger of the package");
    println!("{}", page::build(&cargo_tool::ensure_page_tools()?, &node)?);
    println!("Building the package into {}", project::package().display());
    println!("{}", build(&node)?);
    Ok(ExitCode::SUCCESS)
}

/// A compiled module.
struct Module {
    /// The feature of the core that makes it.
    feature: &'static str,
    /// The name of its files.
    name: &'static str,
    /// What is cut off, to be loaded later.
    rest: Option<Rest>,
}

/// The part of a module that is loaded later.
struct Rest {
    /// Its name in the code.
    part: &'static str,
    /// The name of its file.
    name: &'static str,
}

impl Rest {
    fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}_bg.wasm", self.name))
    }
}

/// Where the debugger stands in the package, as `package.json` says too.
const DEBUGGER: &str = "debugger";

/// Builds the package anew into `pkg`, with the debugger of the page that was built last; says how large its files are.
pub(crate) fn build(node: &Node) -> anyhow::Result<String> {
    let runner = cargo_tool::ensure_wasm_test_runner()?;
    let wasm_tools = runner.parent().context("wasm-bindgen is in no folder")?;
    let folder = project::package();
    remove(&folder)?;
    for module in &MODULES {
        compile(module, wasm_tools, node, &folder)?;
    }
    debugger_entry::write(&folder.join(DEBUGGER))?;
    let written = project::root().join(WRITTEN);
    for entry in fs::read_dir(&written).with_context(|| format!("could not read {}", written.display()))? {
        copy(&entry?.path(), &folder)?;
    }
    for license in LICENSES {
        copy(&project::root().join(license), &folder)?;
    }
    let mut shrink = node.command();
    logged(shrink.arg("package-shrink.mjs").arg(&folder), "package-shrink")?;
    let mut measure = node.command();
    logged(measure.arg("package-size.mjs").arg(&folder), "package-size")
}

/// Compiles the core with the feature of a module, and makes its files.
fn compile(module: &Module, wasm_tools: &Path, node: &Node, folder: &Path) -> anyhow::Result<()> {
    let name = module.name;
    let mut compile =
        exec::cargo(["rustc", "--lib", "--profile", PROFILE, "--target", WASM_TARGET, "--package", CRATE]);
    compile.args(["--quiet", "--features", module.feature]);
    if let Some(home) = project::cargo_home() {
        // What fails tells its place in the code; that of the folders of this machine is nobody's affair.
        let sources = home.join("registry").join("src");
        let flag = format!("--remap-path-prefix={}=", sources.display());
        compile.arg("--config").arg(format!("target.{WASM_TARGET}.rustflags=[{flag:?}]"));
    }
    if module.rest.is_some() {
        compile.args(["--", RELOCATIONS]);
    }
    logged(&mut compile, "package-compile")?;
    let mut compiled = project::target().join(WASM_TARGET).join(PROFILE).join("leftfold_core.wasm");
    let mut bind = exec::command(wasm_tools.join("wasm-bindgen"));
    bind.args(["--target", "web", "--out-name", name, "--out-dir"]).arg(folder);
    if let Some(rest) = &module.rest {
        compiled = split(&compiled, rest, node, folder)?;
        // Among them is the table of functions, through which the parts call each other.
        bind.arg("--keep-lld-exports");
    }
    logged(bind.arg(compiled), "package-bind")?;
    let first = folder.join(format!("{name}_bg.wasm"));
    page::optimize(node, &first, Optimization::Size)?;
    if let Some(rest) = &module.rest {
        mark::mark(&[first, rest.file(folder)])?;
    }
    // The types of the compiled code's own exports, which nobody calls.
    remove(&folder.join(format!("{name}_bg.wasm.d.ts")))?;
    let types = folder.join(format!("{name}.d.ts"));
    let text = fs::read_to_string(&types).with_context(|| format!("could not read {}", types.display()))?;
    let short = without_exports(&text).context("the types have no InitOutput")?;
    fs::write(&types, short).with_context(|| format!("could not write {}", types.display()))
}

/// Cuts a part off the compiled code, puts it into the folder, and gives the file with what is left.
fn split(compiled: &Path, rest: &Rest, node: &Node, folder: &Path) -> anyhow::Result<PathBuf> {
    let parts = project::scratch().join("parts");
    remove(&parts)?;
    for folder in [&parts, folder] {
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    let mut split = exec::command(cargo_tool::ensure_wasm_split()?);
    logged(split.arg(compiled).arg(&parts), "package-split")?;
    let file = rest.file(folder);
    let part = parts.join(format!("split_{}.wasm", rest.part));
    fs::copy(&part, &file).with_context(|| format!("could not copy {}", part.display()))?;
    page::optimize(node, &file, Optimization::Size)?;
    Ok(parts.join("main.wasm"))
}

/// The types with nothing but the memory in `InitOutput`: the calls of the compiled code are the module's own affair.
fn without_exports(types: &str) -> Option<String> {
    const BEGIN: &str = "export interface InitOutput {\n";
    let (before, rest) = types.split_once(BEGIN)?;
    let (_, after) = rest.split_once("}\n")?;
    Some(format!("{before}{BEGIN}    readonly memory: WebAssembly.Memory;\n}}\n{after}"))
}

/// Removes a file or a folder, if it is there.
fn remove(path: &Path) -> anyhow::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn copy(file: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    let copied = folder.join(name);
    fs::copy(file, &copied).with_context(|| format!("could not copy {}", file.display()))?;
    Ok(copied)
}

/// Runs in silence, unless it fails; gives what it printed.
fn logged(command: &mut Command, name: &str) -> anyhow::Result<String> {
    let captured = exec::capture(command, &project::scratch().join(format!("{name}.log")))?;
    if !captured.success {
        bail!("the package could not be built:\n{}", captured.output);
    }
    Ok(captured.output.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::without_exports;

    #[test]
    fn the_version_is_that_of_the_crates() {
        let description = include_str!("../../package/package.json");
        let version = format!("\"version\": \"{}\",", env!("CARGO_PKG_VERSION"));
        assert!(description.contains(&version), "package/package.json has another version than Cargo.toml");
    }

    #[test]
    fn the_types_keep_all_but_the_compiled_calls() {
        let types = "a\nexport interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n    readonly x: () => void;\n}\nb\n";
        let short = "a\nexport interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n}\nb\n";
        assert_eq!(without_exports(types).as_deref(), Some(short));
        assert_eq!(without_exports("a"), None);
    }
}
