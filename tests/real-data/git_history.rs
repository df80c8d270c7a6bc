//! The history of a repository as events of its files: at every known commit, the files are those of its tree.

use std::collections::BTreeMap;

use leftfold_core::RecordedEvent;
use leftfold_core::formats::ImportOptions;
use leftfold_tests::real_data;
use serde_json::{Value, json};

use crate::import::{all, bytes_of, import_bytes, store};

/// A file's path, mode and hash.
type Tree = BTreeMap<String, (String, String)>;

/// `git log --raw`, as one JSON event a line, and the events up to each commit.
fn as_ndjson(log: &str) -> (String, Vec<(String, u64)>) {
    let (mut lines, mut commits) = (String::new(), Vec::<(String, u64)>::new());
    let (mut seconds, mut events) = (0_i64, 0_u64);
    for line in log.lines() {
        if let Some(commit) = line.strip_prefix("C ") {
            let (hash, time) = commit.split_once(' ').unwrap();
            seconds = time.parse().unwrap();
            commits.push((hash.to_owned(), events));
        } else if let Some(change) = line.strip_prefix(':') {
            let (fields, path) = change.split_once('\t').unwrap();
            let fields: Vec<&str> = fields.split(' ').collect();
            let event_type = match fields[4] {
                "A" => "FileAdded",
                "M" => "FileModified",
                "D" => "FileDeleted",
                other => panic!("{other} is no kind of change that the log is known to have"),
            };
            let (commit, count) = commits.last_mut().unwrap();
            let data = json!({ "mode": fields[1], "hash": fields[3], "commit": commit });
            let event = json!({ "stream": format!("file-{path}"), "type": event_type, "time": seconds, "data": data });
            lines += &format!("{event}\n");
            events += 1;
            *count = events;
        }
    }
    (lines, commits)
}

fn evolve(tree: &mut Tree, event: &RecordedEvent) {
    let path = event.stream().as_str().strip_prefix("file-").unwrap().to_owned();
    if event.event_type().as_str() == "FileDeleted" {
        assert!(tree.remove(&path).is_some(), "{path} was not there");
        return;
    }
    let data: Value = event.json().unwrap();
    let text = |name: &str| data[name].as_str().unwrap().to_owned();
    let before = tree.insert(path, (text("mode"), text("hash")));
    assert_eq!(before.is_none(), event.event_type().as_str() == "FileAdded");
}

/// A tree file: mode and hash, a tab, the path.
fn tree(text: &str) -> Tree {
    let file = |line: &str| {
        let (fields, path) = line.split_once('\t').unwrap();
        let (mode, hash) = fields.split_once(' ').unwrap();
        (path.to_owned(), (mode.to_owned(), hash.to_owned()))
    };
    text.lines().map(file).collect()
}

#[test]
fn at_every_known_commit_the_files_are_those_of_its_tree() {
    let Some(folder) = real_data("git-history") else { return };
    let text = |name: &str| String::from_utf8(bytes_of(&folder.join(name))).unwrap();
    let info: Value = serde_json::from_str(&text("info.json")).unwrap();
    let (ndjson, commits) = as_ndjson(&text("log.raw.gz"));
    assert_eq!(commits.len() as u64, info["commits"].as_u64().unwrap());

    let store = store();
    let report = import_bytes(&store, ndjson.as_bytes(), &ImportOptions::default());
    assert_eq!((report.format.name(), report.duplicates, report.skipped_count), ("ndjson", 0, 0));
    assert_eq!(report.events, info["events"].as_u64().unwrap());
    assert_eq!(report.streams, info["entities"].as_u64().unwrap());
    let events = all(&store);
    let mut types: BTreeMap<&str, u64> = BTreeMap::new();
    events.iter().for_each(|event| *types.entry(event.event_type().as_str()).or_default() += 1);
    let expected = [("FileAdded", "A"), ("FileDeleted", "D"), ("FileModified", "M")];
    let expected = expected.map(|(event_type, letter)| (event_type, info["types"][letter].as_u64().unwrap()));
    assert_eq!(types.into_iter().collect::<Vec<_>>(), expected);

    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("tree-")).collect();
    names.sort();
    assert_eq!(names.len(), 7);
    for name in names {
        // tree-<commits before it>-<hash>.txt.gz
        let hash = name.split(['-', '.']).nth(2).unwrap();
        let (_, position) = commits.iter().find(|(commit, _)| commit == hash).unwrap();
        let mut found = Tree::new();
        events.iter().filter(|event| event.position().get() <= *position).for_each(|event| evolve(&mut found, event));
        assert_eq!(found, tree(&text(&name)), "at {hash}");
    }
}
