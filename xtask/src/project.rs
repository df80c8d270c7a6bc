//! Where the project's things are.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The target that the page and the browser tests are compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the compiled-in value serves a binary that was started by hand.
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// The project's own folder of tools; what `cargo install --root` is given.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// Where the built page goes.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Where the npm package goes.
pub(crate) fn package() -> PathBuf {
    root().join("pkg")
}

/// The npm package of the end-to-end tests.
pub(crate) fn end_to_end() -> PathBuf {
    root().join("tests").join("e2e")
}

/// A folder for files that commands write for the tools they start.
pub(crate) fn scratch() -> PathBuf {
    target().join("xtask")
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// The cargo that started this program, or the one on PATH.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Cargo's home, under whose `bin` plain `cargo install` puts programs.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}
