//! A payload in one line, for the summary column of the log.

use super::json::Json;

/// How many members a summary names.
const MOST_PARTS: usize = 5;
/// How many items of an array a summary names.
const MOST_NAMES: usize = 2;
/// How many characters of a value a summary shows.
const MOST_CHARS: usize = 40;

/// The first members of a payload: strings by their value, the rest with their name.
#[must_use]
pub fn summary(payload: &Json) -> String {
    match payload {
        Json::Object(members) => {
            let parts = members.iter().filter_map(|(name, value)| part(name, value));
            parts.take(MOST_PARTS).collect::<Vec<_>>().join(" · ")
        }
        Json::Array(items) => counted(items.len(), "item"),
        Json::Null => String::new(),
        Json::String(text) => clipped(text),
        other => other.to_string(),
    }
}

fn part(name: &str, value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(clipped(text)),
        Json::Bool(false) => Some(format!("not {name}")),
        Json::Bool(true) => Some(name.to_owned()),
        Json::Number(number) => Some(format!("{name} {number}")),
        Json::Array(items) => Some(listed(name, items)),
        Json::Object(members) => Some(format!("{name} {}", counted(members.len(), "key"))),
    }
}

/// An array by its name, how many items it has, and what the first of them are called.
fn listed(name: &str, items: &[Json]) -> String {
    let called = |item: &Json| match item {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Object(members) => members.iter().find_map(|(_, value)| match value {
            Json::String(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    let names: Option<Vec<String>> = items.iter().take(MOST_NAMES + 1).map(called).collect();
    match names.as_deref() {
        None | Some([]) => format!("{name} {}", counted(items.len(), "item")),
        Some([only]) => format!("{name} {}", clipped(only)),
        Some(several) => {
            let rest = if items.len() > MOST_NAMES { ", …" } else { "" };
            let several = several.iter().take(MOST_NAMES).map(|name| clipped(name)).collect::<Vec<_>>().join(", ");
            format!("{} {name}: {several}{rest}", items.len())
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn clipped(text: &str) -> String {
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(MOST_CHARS).map(flat).collect();
    if text.chars().nth(MOST_CHARS).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        summary(&Json::parse(text.as_bytes()).expect("JSON"))
    }

    #[test]
    fn members_make_one_line() {
        assert_eq!(
            check(r#"{"customer":"cus_1188","lines":[1,2],"total":124750,"gift":false,"note":null,"to":{"zip":"1"}}"#),
            "cus_1188 · lines 2 items · total 124750 · not gift · to 1 key",
        );
    }

    #[test]
    fn an_array_is_told_by_what_its_items_are_called() {
        assert_eq!(check(r#"{"lines":[{"n":1,"sku":"AERO"}]}"#), "lines AERO");
        assert_eq!(check(r#"{"lines":[{"sku":"AERO"},{"sku":"BOLT"}]}"#), "2 lines: AERO, BOLT");
        assert_eq!(check(r#"{"tags":["a","b","c"],"more":[{"n":1}]}"#), "3 tags: a, b, … · more 1 item");
        assert_eq!(check(r#"{"none":[]}"#), "none 0 items");
    }

    #[test]
    fn other_payloads_have_one_too() {
        assert_eq!(["null", "7", "[1]", r#""a\nb""#, "{}"].map(check), ["", "7", "1 item", "a b", ""]);
        assert_eq!(check(&format!(r#""{}""#, "x".repeat(99))).chars().count(), MOST_CHARS + 1);
    }
}
