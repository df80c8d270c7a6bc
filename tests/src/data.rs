//! Real event logs, which lie beside the project.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The environment variable that names another folder of real data than the one beside the project.
const VARIABLE: &str = "LEFTFOLD_DATA";

/// The path of a file or folder of the real data.
///
/// The data lies in `../shared/data` beside the project, or in the folder that the environment variable `LEFTFOLD_DATA` names.
/// Where it is missing this prints the line that `cargo xtask test` counts as skipped, and the test returns:
///
/// ```no_run
/// let Some(path) = leftfold_tests::real_data("process-logs/receipt.csv.gz") else { return };
/// ```
///
/// # Panics
/// When `LEFTFOLD_DATA` is set and the path is not there: whoever names a folder wants the test to run.
pub fn real_data(path: &str) -> Option<PathBuf> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let found = folder.join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(named.is_none(), "{VARIABLE} is set, but {} is not there", found.display());
    println!("SKIPPED: no real data: {path} is not in ../shared/data, and {VARIABLE} names no other folder");
    None
}
