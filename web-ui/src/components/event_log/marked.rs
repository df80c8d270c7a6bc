//! Text with the matches of the search marked.

use std::sync::Arc;

use leptos::prelude::*;

use crate::model::search::Needle;

/// A text in which every match is marked.
pub(super) fn marked(text: &str, needle: Option<&Arc<Needle>>) -> AnyView {
    let ranges = needle.map(|needle| needle.ranges(text)).unwrap_or_default();
    if ranges.is_empty() {
        return text.to_owned().into_any();
    }
    let mut parts = Vec::with_capacity(ranges.len() * 2 + 1);
    let mut from = 0;
    for range in ranges {
        parts.push(text[from..range.start].to_owned().into_any());
        parts.push(view! { <mark>{text[range.clone()].to_owned()}</mark> }.into_any());
        from = range.end;
    }
    parts.push(text[from..].to_owned().into_any());
    parts.into_any()
}
