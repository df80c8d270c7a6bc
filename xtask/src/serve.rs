//! `cargo xtask serve`: the page on this machine.

use std::{net::TcpListener, process::ExitCode};

use anyhow::Context;
use lexopt::{Arg, ValueExt};

use crate::{exec, page, tools};

const HELP: &str = "\
Usage: cargo xtask serve [--port PORT] [--open]

Installs what is missing (the wasm32 target, trunk, wasm-bindgen), builds the page in release and serves it on
http://127.0.0.1:8080 until Ctrl+C, building again when a source file changes.

Options:
  --port PORT   another port than 8080
  --open        open the page in the browser of this machine";

struct Options {
    port: u16,
    open: bool,
}

pub(crate) fn run(arguments: lexopt::Parser) -> anyhow::Result<ExitCode> {
    let Some(options) = options(arguments)? else {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    // Better told now than after minutes of compiling.
    TcpListener::bind(("127.0.0.1", options.port))
        .with_context(|| format!("port {} is not free: give another with --port", options.port))?;
    tools::ensure_wasm_target()?;
    let tools = tools::cargo_tool::ensure_page_tools()?;
    if let Some(hint) = &tools.hint {
        println!("{hint}");
    }
    page::fetch_dependencies()?;
    let port = options.port.to_string();
    println!("Building the page, then serving it on http://127.0.0.1:{port} (Ctrl+C ends it)");
    let mut trunk = tools.trunk()?;
    trunk.args(["serve", "--release", "--offline", "--address", "127.0.0.1", "--port", &port]);
    if options.open {
        trunk.arg("--open");
    }
    exec::run(&mut trunk)?;
    Ok(ExitCode::SUCCESS)
}

/// `None` when help is asked for.
fn options(mut arguments: lexopt::Parser) -> anyhow::Result<Option<Options>> {
    let mut options = Options { port: 8080, open: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("port") => {
                options.port = arguments.value()?.parse().context("--port takes a number up to 65535")?
            }
            Arg::Long("open") => options.open = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}
