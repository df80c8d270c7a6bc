//! The rules of the code's shape, held by a test.
//!
//! A rule is a function from one file to what is wrong in it. Each is tried on a bad sample first: a rule that finds nothing
//! there would find nothing anywhere.

mod rules;
mod samples;
mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

use source::Source;

/// Folders that hold nothing of ours: what is built, installed or fetched.
const NOT_OURS: [&str; 6] = ["target", "dist", ".tools", "node_modules", ".git", "pkg"];

#[test]
fn the_project_keeps_its_rules() {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    assert!(files.len() > 20, "only {} files found under {}", files.len(), root.display());
    let mut problems = Vec::new();
    for path in files {
        // What is not text (a picture, a font) has no lines to judge.
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        problems.extend(rules::problems(&Source::new(&path, &text)));
    }
    assert!(problems.is_empty(), "{} broken:\n{}", problems.len(), problems.join("\n"));
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or_else(|| tests.to_path_buf(), Path::to_path_buf)
}

/// Adds the files of the folder, as paths from the root with forward slashes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if NOT_OURS.iter().any(|other| name == *other) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, files);
        } else if let Ok(path) = path.strip_prefix(root) {
            files.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}
