//! The commands of the README, as `cargo xtask NAME`.
//!
//! A command is one module with a `run` that takes the arguments after its name. What commands share:
//! [`project`] knows where things are, [`exec`] runs programs, [`tools`] finds or installs them, [`page`] builds the page.

mod bench;
mod debugger_entry;
mod editor;
mod exec;
mod mark;
mod package;
mod page;
mod project;
mod serve;
mod test;
mod tools;

use std::process::ExitCode;

use lexopt::Arg;

const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  serve    install what is missing, build the page and serve it
  package  install what is missing and build the npm package into pkg/
  test     install what is missing and run every check and test
  editor   make the code editor of the page; its build does so by itself
  bench    compare the engine with IndexedDB by hand and with other libraries

`cargo xtask COMMAND --help` tells a command's options.";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(Arg::Value(name)) => match name.to_str() {
            Some("serve") => serve::run(arguments),
            Some("package") => package::run(arguments),
            Some("test") => test::run(arguments),
            Some("editor") => editor::run(arguments),
            Some("bench") => bench::run(arguments),
            _ => anyhow::bail!("there is no command {name:?}\n\n{HELP}"),
        },
        Some(other) => Err(other.unexpected().into()),
    }
}
