//! Running programs: with their output on the terminal, or kept in a file.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::project;

/// What a captured program left behind.
#[derive(Debug)]
pub(crate) struct Captured {
    /// Whether it exited with zero.
    pub(crate) success: bool,
    /// Standard output and standard error, in the order written.
    pub(crate) output: String,
}

/// A command that runs in the project's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root());
    command
}

/// A cargo command in the project's root.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = command(project::cargo());
    command.args(arguments);
    command
}

/// Runs with the terminal's own input and output; an exit other than zero is an error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", line(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", line(command));
    }
    Ok(())
}

/// Runs with both outputs going to the file `log`, and gives back what was written there.
///
/// A file rather than a pipe: a process that the program leaves behind can hold a pipe open for ever.
pub(crate) fn capture(command: &mut Command, log: &Path) -> anyhow::Result<Captured> {
    let folder = log.parent().unwrap_or(log);
    fs::create_dir_all(folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
    let file = File::create(log).with_context(|| format!("could not write {}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("could not start {}", line(command)))?;
    let output = fs::read(log).with_context(|| format!("could not read {}", log.display()))?;
    Ok(Captured { success: status.success(), output: String::from_utf8_lossy(&output).into_owned() })
}

/// What a program prints on standard output, or `None` when it cannot be run or fails.
pub(crate) fn stdout(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// PATH with the folders in front.
pub(crate) fn path_with(folders: &[PathBuf]) -> anyhow::Result<OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().cloned().chain(env::split_paths(&old));
    env::join_paths(folders).context("a folder of PATH cannot be written in PATH")
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
