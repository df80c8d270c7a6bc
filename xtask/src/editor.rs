//! `cargo xtask editor`: the code editor of the page, in one file.
//!
//! Trunk has it made before every build (`Trunk.toml`), so that plain `trunk serve` needs nothing that is told only here.

use std::process::ExitCode;

use anyhow::bail;
use lexopt::Arg;

use crate::{exec, project, tools::node};

const HELP: &str = "\
Usage: cargo xtask editor

Makes web-ui/editor/dist/leftfold-editor.js, the code editor of the page, of the npm packages of web-ui/editor; installs them, and
Node.js, when they are missing. Trunk does it before every build of the page.";

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
    let node = node::ensure_in(project::root().join("web-ui").join("editor"))?;
    let made = exec::capture(node.command().arg("build.mjs"), &project::scratch().join("editor.log"))?;
    if !made.success {
        bail!("the code editor of the page could not be made:\n{}", made.output);
    }
    Ok(ExitCode::SUCCESS)
}
