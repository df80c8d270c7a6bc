//! The rules, each with its reason.

use super::source::{Source, Token};

/// What is wrong in the file, a line each.
pub(super) fn problems(source: &Source<'_>) -> Vec<String> {
    let found = [
        readable(source),
        short_files(source),
        finished(source),
        at_home_anywhere(source),
        workspace_lints(source),
        layers(source),
        browser_crates(source),
        pure_domain(source),
        no_send_in_ports(source),
    ];
    found.into_iter().flatten().map(|problem| format!("{}: {problem}", source.path)).collect()
}

/// The longest file that is still one thing.
const MAX_LINES: usize = 600;

/// What may use what, in the core. `js` is the edge: it sees all, and nothing sees it.
const LAYERS: [(&str, &[&str]); 7] = [
    ("domain", &["domain"]),
    ("storage", &["domain", "storage"]),
    ("engine", &["domain", "storage", "engine"]),
    ("timeline", &["domain", "storage", "engine", "timeline"]),
    ("formats", &["domain", "engine", "formats"]),
    ("testing", &["domain", "storage", "engine", "timeline", "formats", "testing"]),
    ("js", &["domain", "storage", "engine", "timeline", "formats", "js"]),
];

/// A file that these rules cannot read would be a file without rules.
fn readable(source: &Source<'_>) -> Option<String> {
    source.is_broken.then(|| "cannot be read as Rust".to_owned())
}

/// A file does one thing; past this length it is two.
fn short_files(source: &Source<'_>) -> Option<String> {
    let lines = source.text.lines().count();
    (is_code(source.path) && lines > MAX_LINES).then(|| format!("{lines} lines, at most {MAX_LINES}"))
}

/// Nothing unfinished is kept.
fn finished(source: &Source<'_>) -> Option<String> {
    // Written in two halves, so that this file keeps its own rule.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!"), concat!("unimpl", "emented!")];
    first_of(source, &marks).map(|(line, mark)| format!("line {line}: {mark}"))
}

/// The project says nothing of the machine or the occasion that it was written on.
fn at_home_anywhere(source: &Source<'_>) -> Option<String> {
    let marks = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("issue", " #"),
        concat!("sit", "ting"),
    ];
    first_of(source, &marks).map(|(line, mark)| format!("line {line}: {mark:?} belongs to one machine or one day"))
}

/// Every crate has the workspace's lints.
fn workspace_lints(source: &Source<'_>) -> Option<String> {
    let is_member = source.path.ends_with("/Cargo.toml");
    (is_member && !source.text.contains("[lints]\nworkspace = true"))
        .then(|| "has no `[lints] workspace = true`".to_owned())
}

/// Inner layers know nothing of outer ones.
fn layers(source: &Source<'_>) -> Option<String> {
    let (layer, allowed) = LAYERS.iter().find(|(layer, _)| is_in(source.path, &format!("core/src/{layer}")))?;
    let name = source.names_at_root().into_iter().find(|name| !allowed.contains(&name.as_str()))?;
    let is_layer = LAYERS.iter().any(|(layer, _)| *layer == name);
    Some(if is_layer {
        format!("{layer} must not use {name}")
    } else {
        format!("crate::{name} hides which layer it comes from: name the module")
    })
}

/// The browser is reached through few doors, so that all else can be tested without one.
fn browser_crates(source: &Source<'_>) -> Option<String> {
    let doors = ["core/src/storage/indexed_db", "core/src/js"];
    let is_closed = is_in(source.path, "core/src") && !doors.iter().any(|door| is_in(source.path, door));
    if !is_closed && !is_in(source.path, "web-ui/src/model") {
        return None;
    }
    let crates =
        ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "serde_wasm_bindgen", "indexed_db_futures"];
    let found = source.words().find(|word| crates.contains(word))?;
    Some(format!("{found} has no place here"))
}

/// The same input gives the same output: time and chance come from outside.
fn pure_domain(source: &Source<'_>) -> Option<String> {
    if !is_in(source.path, "core/src/domain") {
        return None;
    }
    let impure = ["SystemTime", "Instant", "now_v7", "new_v4", "getrandom", "rand", "RandomState"];
    let is_now = |pair: &[Token]| pair == [Token::Word("now".to_owned()), Token::Open('(')];
    let asks_now = source.code.windows(2).any(is_now).then_some("now()");
    let found = asks_now.or_else(|| source.words().find(|word| impure.contains(word)))?;
    Some(format!("{found} reads a clock or a random source"))
}

/// Browser values stay on their thread; a `Send` bound in a port would shut the browser out.
fn no_send_in_ports(source: &Source<'_>) -> Option<String> {
    let is_port = is_in(source.path, "core/src/storage");
    (is_port && source.code.contains(&Token::Word("Send".to_owned()))).then(|| "has a Send bound".to_owned())
}

/// The first line with one of the marks, as a word of its own where it begins or ends with a letter.
fn first_of<'a>(source: &Source<'_>, marks: &[&'a str]) -> Option<(usize, &'a str)> {
    source
        .text
        .lines()
        .enumerate()
        .find_map(|(index, line)| marks.iter().find(|mark| has_word(line, mark)).map(|mark| (index + 1, *mark)))
}

fn has_word(line: &str, mark: &str) -> bool {
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(mark).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + mark.len()..].chars().next();
        let starts_word = !mark.starts_with(is_letter) || !before.is_some_and(is_letter);
        let ends_word = !mark.ends_with(is_letter) || !after.is_some_and(is_letter);
        starts_word && ends_word
    })
}

fn is_code(path: &str) -> bool {
    [".rs", ".js", ".mjs", ".ts", ".css", ".html"].iter().any(|extension| path.ends_with(extension))
}

/// Whether the path is the module's file or lies in its folder.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}
