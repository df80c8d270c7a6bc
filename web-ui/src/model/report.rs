//! A report: a log with all that a person has made of it, in one file.
//!
//! The file is a line of JSON, and then an export of the whole log in format leftfold. The line has the view as the address of the
//! page says it, and what this browser keeps for the store. Without its first line the file is what any reader of the format takes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the first line begins with; no log of ours or of others begins so.
const BEGINNING: &[u8] = b"{\"leftfoldReport\":";
/// The version that is written.
const VERSION: u32 = 1;
/// The longest line that is read, in bytes: a browser keeps no more than that for a site.
pub const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// What a report has besides the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    #[serde(rename = "leftfoldReport")]
    version: u32,
    /// The parameters of the address, without the name of the store.
    pub view: Vec<(String, String)>,
    /// What the browser keeps for the store, each as its text, by what its keys begin with.
    pub kept: BTreeMap<String, String>,
}

/// What the beginning of a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// No report.
    Other,
    /// The first line of a report, which has so many bytes with its end.
    Report(Box<Report>, usize),
    /// A report that cannot be read, and why.
    Unreadable(String),
}

impl Report {
    /// A report of a view and of what is kept.
    #[must_use]
    pub fn new(view: Vec<(String, String)>, kept: BTreeMap<String, String>) -> Self {
        Self { version: VERSION, view, kept }
    }

    /// The line, with its end.
    #[must_use]
    pub fn to_line(&self) -> Option<String> {
        serde_json::to_string(self).ok().map(|line| line + "\n")
    }

    /// Whether a file that begins so may be a report.
    #[must_use]
    pub fn may_begin(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGINNING)
    }

    /// How many bytes [`may_begin`](Self::may_begin) looks at.
    #[must_use]
    pub const fn sign_bytes() -> usize {
        BEGINNING.len()
    }

    /// Reads the beginning of a file: all of it, or at least [`LONGEST_LINE`] bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Beginning {
        if !Self::may_begin(bytes) {
            return Beginning::Other;
        }
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            return Beginning::Unreadable("the first line of the report does not end".to_owned());
        };
        match serde_json::from_slice::<Self>(&bytes[..end]) {
            Ok(report) if report.version == VERSION => Beginning::Report(Box::new(report), end + 1),
            Ok(report) => Beginning::Unreadable(format!(
                "the report is of version {}, and this page reads version {VERSION}: open it with a newer page",
                report.version
            )),
            Err(error) => Beginning::Unreadable(format!("the first line of the report is damaged: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_report_comes_back_from_its_line(
            view in prop::collection::vec((".{0,6}", ".{0,12}"), 0..6),
            kept in prop::collection::btree_map(".{0,6}", ".{0,40}", 0..4),
            rest in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let report = Report::new(view, kept);
            let line = report.to_line().expect("JSON");
            let mut file = line.clone().into_bytes();
            file.extend(rest);
            prop_assert_eq!(Report::read(&file), Beginning::Report(Box::new(report), line.len()));
        }
    }

    #[test]
    fn what_is_no_report_is_told_from_one_that_is_damaged() {
        assert_eq!(Report::read(b"{\"leftfold\":1}\n{}"), Beginning::Other);
        assert_eq!(Report::read(b""), Beginning::Other);
        for damaged in
            ["{\"leftfoldReport\":1", "{\"leftfoldReport\":1}\n", "{\"leftfoldReport\":2,\"view\":[],\"kept\":{}}\n"]
        {
            assert!(matches!(Report::read(damaged.as_bytes()), Beginning::Unreadable(_)), "{damaged}");
        }
    }
}
