//! Node.js and the npm packages of the end-to-end tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use super::system;
use crate::{exec, project};

/// The oldest Node.js whose test runner and libraries do.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Node.js with the packages of one folder installed.
#[derive(Debug)]
pub(crate) struct Node {
    program: PathBuf,
    /// Where the packages are.
    pub(crate) folder: PathBuf,
}

impl Node {
    /// A command of Node.js in the folder of its packages.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder);
        command
    }
}

/// Finds or installs Node.js, and the npm packages of the end-to-end tests at the versions of the lock file.
pub(crate) fn ensure() -> anyhow::Result<Node> {
    ensure_in(project::end_to_end())
}

/// Finds or installs Node.js, and the npm packages of `folder` at the versions of its lock file.
pub(crate) fn ensure_in(folder: PathBuf) -> anyhow::Result<Node> {
    // npm is a package of its own for Debian, and a part of Node.js for others, which then refuse Debian's.
    let install = |package| {
        system::apt_install(&[package]);
        find()
    };
    let found = find().or_else(|| install("nodejs")).or_else(|| install("npm"));
    let (program, npm) = found.with_context(|| {
        let (major, minor) = OLDEST_NODE;
        format!("Node.js is needed, version {major}.{minor} or newer with npm: install it so that `node` and `npm` are on PATH")
    })?;
    install_packages(&npm, &folder)?;
    Ok(Node { program, folder })
}

fn find() -> Option<(PathBuf, PathBuf)> {
    let node = which::which("node").ok()?;
    let npm = which::which("npm").ok()?;
    let version = exec::stdout(&node, &["--version"])?;
    let mut numbers = version.trim().strip_prefix('v')?.split('.').map(str::parse::<u32>);
    let version = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (version >= OLDEST_NODE).then_some((node, npm))
}

fn install_packages(npm: &Path, folder: &Path) -> anyhow::Result<()> {
    if packages_are_current(folder) {
        return Ok(());
    }
    println!("Installing the npm packages of {}", folder.display());
    let status = Command::new(npm)
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder)
        .status()
        .context("npm could not be started")?;
    if !status.success() {
        bail!("`npm ci` in {} failed ({status})", folder.display());
    }
    fs::copy(folder.join("package-lock.json"), installed_lock(folder)).context("could not note what npm installed")?;
    Ok(())
}

/// Whether the lock file is the one that `npm ci` last ran for.
fn packages_are_current(folder: &Path) -> bool {
    match (fs::read(folder.join("package-lock.json")), fs::read(installed_lock(folder))) {
        (Ok(wanted), Ok(installed)) => wanted == installed,
        _ => false,
    }
}

fn installed_lock(folder: &Path) -> PathBuf {
    folder.join("node_modules").join(".installed-lock.json")
}

/// The test files of the end-to-end tests: `*.test.mjs`, in order of their names.
pub(crate) fn test_files() -> anyhow::Result<Vec<PathBuf>> {
    let folder = project::end_to_end();
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".test.mjs")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
