//! Texts to begin with, made of what the log has.

use super::shapes::{Kind, Shapes};

/// A text to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// How often each event type has come.
    CountByType,
    /// What the payloads of each stream come to.
    StreamState,
    /// A sum for each stream, such as that of a shopping cart.
    Totals,
    /// A state for each value of a payload member.
    ByMember,
    /// A result that is made of the state.
    Result,
}

/// All of them, as they are listed.
pub const TEMPLATES: [Template; 5] =
    [Template::CountByType, Template::StreamState, Template::Totals, Template::ByMember, Template::Result];

/// What is known of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Event types and how many events each has.
    pub types: Vec<(String, u64)>,
    /// Categories and how many events each has.
    pub categories: Vec<(String, u64)>,
    /// The members of payloads.
    pub shapes: Shapes,
}

/// Members whose sum says something.
const SUMMED: [&str; 9] = ["total", "amount", "price", "cents", "cost", "quantity", "qty", "units", "count"];
/// Members by which people ask.
const ASKED_BY: [&str; 10] =
    ["customer", "product", "sku", "carrier", "country", "warehouse", "account", "user", "category", "status"];

impl Template {
    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::CountByType => "Count by type",
            Self::StreamState => "State of each stream",
            Self::Totals => "Totals of each stream (a shopping cart)",
            Self::ByMember => "Partition by a payload field",
            Self::Result => "Transform to a result",
        }
    }

    /// A name for what is made of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CountByType => "count-by-type",
            Self::StreamState => "stream-state",
            Self::Totals => "totals",
            Self::ByMember => "by-field",
            Self::Result => "result",
        }
    }

    /// The text, with names of the log where it has some that fit.
    #[must_use]
    pub fn text(self, known: &Known) -> String {
        match self {
            Self::CountByType => COUNT_BY_TYPE.to_owned(),
            Self::StreamState => {
                let most = known.categories.iter().max_by_key(|(_, events)| *events);
                let source =
                    most.map_or_else(|| "fromAll()".to_owned(), |(name, _)| format!("fromCategory({})", quoted(name)));
                STREAM_STATE.replace("SOURCE", &source)
            }
            Self::Totals => {
                let (event_type, path) =
                    summed(known).unwrap_or_else(|| ("ItemAdded".to_owned(), vec!["price".to_owned()]));
                TOTALS
                    .replace("MEMBER", &in_words(&path))
                    .replace("TYPE", &key(&event_type))
                    .replace("HANDLER", &key(&event_type))
                    .replace("VALUE", &access("event.data", &path))
            }
            Self::ByMember => {
                let path = asked_by(known).unwrap_or_else(|| vec!["customer".to_owned()]);
                BY_MEMBER.replace("MEMBER", &in_words(&path)).replace("VALUE", &access("event.data", &path))
            }
            Self::Result => RESULT.to_owned(),
        }
    }
}

/// The number that is most worth a sum: its type, and the way to it.
fn summed(known: &Known) -> Option<(String, Vec<String>)> {
    let numbers = known.types.iter().flat_map(|(name, count)| {
        let members = known.shapes.members(name).iter().filter(|member| member.kind == Kind::Number);
        members.map(move |member| (liking(&member.path, &SUMMED), member.path.len(), *count, name, &member.path))
    });
    // A member of a telling name first, one near the top, one of many events.
    let best = numbers.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)))?;
    Some((best.3.clone(), best.4.clone()))
}

/// The text by which most is told apart.
fn asked_by(known: &Known) -> Option<Vec<String>> {
    let mut found: Vec<(Vec<String>, u64)> = Vec::new();
    for (name, count) in &known.types {
        for member in known.shapes.members(name).iter().filter(|member| member.kind == Kind::Text) {
            match found.iter_mut().find(|(path, _)| *path == member.path) {
                Some((_, events)) => *events += count,
                None => found.push((member.path.clone(), *count)),
            }
        }
    }
    let best = found.into_iter().max_by(|(a, of_a), (b, of_b)| {
        liking(a, &ASKED_BY).cmp(&liking(b, &ASKED_BY)).then(b.len().cmp(&a.len())).then(of_a.cmp(of_b))
    });
    best.map(|(path, _)| path)
}

fn liking(path: &[String], words: &[&str]) -> bool {
    let last = path.last().map(|name| name.to_lowercase()).unwrap_or_default();
    words.iter().any(|word| last.contains(word))
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_' || first == '$')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$')
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A path in a comment, which ends with its line.
fn in_words(path: &[String]) -> String {
    path.iter().map(|name| key(name)).collect::<Vec<_>>().join(".")
}

/// The name of a member as JavaScript writes it within an object.
fn key(name: &str) -> String {
    if is_name(name) { name.to_owned() } else { quoted(name) }
}

/// A member of a value: what is not there on the way gives nothing, and fails not.
fn access(of: &str, path: &[String]) -> String {
    path.iter().enumerate().fold(of.to_owned(), |before, (depth, name)| {
        let dot = if depth == 0 { "" } else { "?" };
        match (is_name(name), depth) {
            (true, _) => format!("{before}{dot}.{name}"),
            (false, 0) => format!("{before}[{}]", quoted(name)),
            (false, _) => format!("{before}?.[{}]", quoted(name)),
        }
    })
}

const COUNT_BY_TYPE: &str = "\
// How often each type of event has come.
fromAll()
  .when({
    $init: () => ({}),
    $any(state, event) {
      state[event.eventType] = (state[event.eventType] ?? 0) + 1
    },
  })
";

const STREAM_STATE: &str = "\
// Each stream as its payloads leave it: later members over earlier ones.
SOURCE
  .foreachStream()
  .when({
    $init: () => ({ events: 0 }),
    $any(state, event) {
      return { ...state, ...event.data, events: state.events + 1 }
    },
  })
";

const TOTALS: &str = "\
// What TYPE adds up to in each stream, by MEMBER.
fromAll()
  .foreachStream()
  .when({
    $init: () => ({ count: 0, total: 0 }),
    HANDLER(state, event) {
      state.count += 1
      state.total += VALUE ?? 0
    },
  })
";

const BY_MEMBER: &str = "\
// A state for each value of MEMBER; events without one are left out.
fromAll()
  .partitionBy((event) => VALUE)
  .when({
    $init: () => ({ events: 0, last: null }),
    $any(state, event) {
      state.events += 1
      state.last = event.eventType
    },
  })
";

const RESULT: &str = "\
// The state counts; what is shown is made of it.
fromAll()
  .when({
    $init: () => ({}),
    $any(state, event) {
      state[event.eventType] = (state[event.eventType] ?? 0) + 1
    },
  })
  .transformBy((state) => {
    const most = Object.keys(state).sort((a, b) => state[b] - state[a])[0] ?? null
    return { types: Object.keys(state).length, most, times: state[most] ?? 0 }
  })
  .outputState()
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::Json;

    fn known() -> Known {
        let mut known = Known {
            types: vec![("Opened".to_owned(), 9), ("item added".to_owned(), 4)],
            categories: vec![("cart".to_owned(), 11), ("user".to_owned(), 2)],
            ..Known::default()
        };
        let mut note = |name: &str, payload: &str| {
            known.shapes.note(name, &Json::parse(payload.as_bytes()).expect("JSON"));
        };
        note("Opened", r#"{"version":1,"by":{"customerId":"c-1"}}"#);
        note("item added", r#"{"note":"x","price of":{"unit-price":3}}"#);
        known
    }

    #[test]
    fn texts_speak_of_the_log() {
        let known = known();
        assert!(Template::StreamState.text(&known).contains("fromCategory(\"cart\")\n  .foreachStream()"));
        let totals = Template::Totals.text(&known);
        assert!(totals.contains("    \"item added\"(state, event) {"), "{totals}");
        assert!(totals.contains("event.data[\"price of\"]?.[\"unit-price\"] ?? 0"), "{totals}");
        let by = Template::ByMember.text(&known);
        assert!(by.contains("partitionBy((event) => event.data.by?.customerId)"), "{by}");
    }

    #[test]
    fn a_log_without_payloads_has_texts_too() {
        for template in TEMPLATES {
            let text = template.text(&Known::default());
            assert!(text.contains("fromAll()") && text.ends_with(")\n"), "{text}");
            assert!(!text.contains("SOURCE") && !text.contains("VALUE") && !text.contains("HANDLER"), "{text}");
        }
    }
}
