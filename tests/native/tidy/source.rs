//! A file, and for Rust its words without comments and strings.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file of the project.
pub(super) struct Source<'a> {
    /// From the root, with forward slashes.
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    /// The tokens of a Rust file that are compiled outside tests, flat; empty for other files and for those of tests.
    pub(super) code: Vec<Token>,
    /// Whether this is a Rust file that cannot be read as one.
    pub(super) is_broken: bool,
}

/// A word or a sign of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Sign(char),
    Open(char),
    Close,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        let is_rust = path.ends_with(".rs");
        let parsed = if is_rust { TokenStream::from_str(text).ok() } else { None };
        let mut code = Vec::new();
        if let Some(stream) = parsed.clone().filter(|_| !is_for_tests(path)) {
            flatten(stream, &mut code);
        }
        Self { path, text, code, is_broken: is_rust && parsed.is_none() }
    }

    /// The words of the code, without comments and strings.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.code.iter().filter_map(|token| match token {
            Token::Word(word) => Some(word.as_str()),
            _ => None,
        })
    }

    /// The first names of all paths that begin at the crate's root: `engine` of `crate::engine::Store` and of
    /// `use crate::{engine::Store}`, also where the root is reached by `super`.
    pub(super) fn names_at_root(&self) -> Vec<String> {
        let mut found = Vec::new();
        let depth = module_depth(self.path);
        for start in 0..self.code.len() {
            let is_in_a_path = start > 0 && self.code[start - 1] == Token::Sign(':');
            if is_in_a_path {
                continue;
            }
            let (mut at, mut level) = match word(&self.code, start) {
                Some("crate") => (start + 1, 0),
                Some("super") => (start + 1, depth.saturating_sub(1)),
                _ => continue,
            };
            while let Some("super") = after_colons(&self.code, at).and_then(|next| word(&self.code, next)) {
                at += 3;
                level = level.saturating_sub(1);
            }
            if let (0, Some(next)) = (level, after_colons(&self.code, at)) {
                names(&self.code, next, &mut found);
            }
        }
        found
    }
}

/// A file of tests alone, which may reach for whatever it tests with.
fn is_for_tests(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// How many modules deep the file is: 0 for `lib.rs`, 1 for `engine/mod.rs`, 2 for `engine/append.rs`.
fn module_depth(path: &str) -> usize {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    let folders = inside.matches('/').count();
    let is_the_folder_itself = ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| inside.ends_with(name));
    if is_the_folder_itself { folders } else { folders + 1 }
}

fn word(code: &[Token], at: usize) -> Option<&str> {
    match code.get(at) {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

/// The place after `::`, if that is what stands here.
fn after_colons(code: &[Token], at: usize) -> Option<usize> {
    let colon = Token::Sign(':');
    (code.get(at) == Some(&colon) && code.get(at + 1) == Some(&colon)).then_some(at + 2)
}

/// The name that stands here, or the first names of the paths in the braces that open here.
fn names(code: &[Token], at: usize, found: &mut Vec<String>) {
    match code.get(at) {
        Some(Token::Word(word)) => found.push(word.clone()),
        Some(Token::Sign('*')) => found.push("*".to_owned()),
        Some(Token::Open('{')) => {
            let mut depth = 1;
            let mut is_first = true;
            for token in &code[at + 1..] {
                match token {
                    Token::Open(_) => depth += 1,
                    Token::Close => depth -= 1,
                    Token::Sign(',') if depth == 1 => is_first = true,
                    Token::Word(word) if depth == 1 && is_first => {
                        found.push(word.clone());
                        is_first = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Adds the tokens, without literals, and without what an attribute `#[cfg(test)]` stands before.
fn flatten(stream: TokenStream, code: &mut Vec<Token>) {
    let mut is_for_tests = false;
    let mut is_after_hash = false;
    for tree in stream {
        match tree {
            TokenTree::Group(group) if is_after_hash && group.delimiter() == Delimiter::Bracket => {
                let text: String = group.stream().to_string().split_whitespace().collect();
                is_for_tests |= text == "cfg(test)" || text.starts_with("cfg(all(test,");
                is_after_hash = false;
                flatten_group(&group, code);
            }
            TokenTree::Group(group) => {
                let ends_an_item = group.delimiter() == Delimiter::Brace;
                if !is_for_tests {
                    flatten_group(&group, code);
                }
                is_for_tests &= !ends_an_item;
            }
            TokenTree::Ident(word) => {
                if !is_for_tests {
                    code.push(Token::Word(word.to_string()));
                }
            }
            TokenTree::Punct(sign) => {
                is_after_hash = sign.as_char() == '#' || (is_after_hash && sign.as_char() == '!');
                if !is_for_tests {
                    code.push(Token::Sign(sign.as_char()));
                }
                is_for_tests &= sign.as_char() != ';';
            }
            TokenTree::Literal(_) => {}
        }
    }
}

fn flatten_group(group: &proc_macro2::Group, code: &mut Vec<Token>) {
    let open = match group.delimiter() {
        Delimiter::Parenthesis => '(',
        Delimiter::Brace => '{',
        Delimiter::Bracket => '[',
        Delimiter::None => ' ',
    };
    code.push(Token::Open(open));
    flatten(group.stream(), code);
    code.push(Token::Close);
}
