//! Histories as given/when/then tests, in Rust and in JavaScript.

use std::fmt::Write;

use serde_json::Value;

use crate::model::json::MERGE_IN_JAVASCRIPT;

/// What folds the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folded {
    /// The payloads of a stream are merged.
    Merged {
        /// The stream.
        stream: String,
    },
    /// A projection in Rust.
    Projection {
        /// Its name.
        name: String,
        /// Where it is.
        path: String,
    },
}

/// An event, in its newest shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its stream.
    pub stream: String,
    /// Its type.
    pub event_type: String,
    /// The schema version of its data.
    pub schema_version: u32,
    /// When it happened, in microseconds since 1970.
    pub micros: i64,
    /// Its data, as JSON.
    pub data: String,
    /// Its metadata, as JSON; empty when there is none.
    pub metadata: String,
    /// What is to be said of it.
    pub note: String,
}

/// A history and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The name of its test, in small letters with `_` between words.
    pub test: String,
    /// What it is, in some words.
    pub about: String,
    /// The events.
    pub events: Vec<Given>,
    /// The state behind them, as JSON.
    pub state: String,
}

/// A test: from a state, by the events of each side, to other states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What it is, in a sentence.
    pub about: String,
    /// What folds.
    pub folded: Folded,
    /// The partition; the unnamed one is empty.
    pub partition: String,
    /// The state before the events, as JSON; `None` where there is none yet.
    pub before: Option<String>,
    /// The histories.
    pub sides: Vec<Side>,
}

impl Scenario {
    /// A module of tests for the test kit of `leftfold_core`, whose feature `testing` they need.
    #[must_use]
    pub fn to_rust(&self) -> String {
        let mut text = String::new();
        let _ = self.write_rust(&mut text);
        text
    }

    fn write_rust(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "//! {}", one_line(&self.about))?;
        writeln!(out, "//!\n//! Exported by Leftfold. Events are in their newest shape.\n")?;
        writeln!(out, "use leftfold_core::testing::ProjectionScenario;")?;
        let merges = matches!(self.folded, Folded::Merged { .. });
        let of_core = if merges {
            "BoxError, NewEvent, Projection, RecordedEvent, SchemaVersion, Timestamp"
        } else {
            "NewEvent, SchemaVersion, Timestamp"
        };
        writeln!(out, "use leftfold_core::{{{of_core}}};")?;
        let projection = match &self.folded {
            Folded::Merged { .. } => {
                writeln!(out, "use serde_json::Value;")?;
                "Merged".to_owned()
            }
            Folded::Projection { path, .. } => {
                writeln!(out, "use {path};")?;
                path.rsplit("::").next().unwrap_or(path).to_owned()
            }
        };
        if let Some(before) = &self.before {
            writeln!(out, "\n/// The state before the events.")?;
            writeln!(out, "const BEFORE: &str = {};", raw(before))?;
        }
        for side in &self.sides {
            writeln!(out, "\n/// The state of {}.", one_line(&side.about))?;
            writeln!(out, "const {}: &str = {};", side.test.to_uppercase(), raw(&side.state))?;
        }
        if let Folded::Merged { stream } = &self.folded {
            write!(out, "{}", MERGED_IN_RUST.replace("STREAM", &format!("{stream:?}")))?;
        }
        writeln!(
            out,
            "\nfn event(event_type: &str, schema_version: u32, micros: i64, data: &str, metadata: &str) -> NewEvent {{"
        )?;
        writeln!(out, "    let event = NewEvent::json_text(event_type, data.to_owned()).expect(\"an event\");")?;
        writeln!(out, "    let event = event.with_schema_version(SchemaVersion(schema_version));")?;
        writeln!(out, "    let event = event.with_time(Timestamp::from_micros(micros).expect(\"a time\"));")?;
        writeln!(
            out,
            "    if metadata.is_empty() {{ event }} else {{ event.with_metadata_text(metadata.to_owned()).expect(\"metadata\") }}\n}}"
        )?;
        for side in &self.sides {
            writeln!(out, "\n/// {}, from the first event on.", capital(&one_line(&side.about)))?;
            writeln!(out, "fn given_{}() -> ProjectionScenario<{projection}> {{", side.test)?;
            writeln!(out, "    ProjectionScenario::new({projection})")?;
            if self.before.is_some() {
                writeln!(
                    out,
                    "        .given_state({:?}, &serde_json::from_str(BEFORE).expect(\"a state\"))",
                    self.partition
                )?;
            }
            for event in &side.events {
                if !event.note.is_empty() {
                    writeln!(out, "        // {}", one_line(&event.note))?;
                }
                writeln!(
                    out,
                    "        .given_stored({:?}, [event({:?}, {}, {}, {}, {})])",
                    event.stream,
                    event.event_type,
                    event.schema_version,
                    event.micros,
                    raw(&event.data),
                    raw(&event.metadata)
                )?;
            }
            writeln!(out, "}}")?;
        }
        for side in &self.sides {
            let (test, constant) = (&side.test, side.test.to_uppercase());
            writeln!(out, "\n#[test]\nfn {test}_leads_to_its_state() {{")?;
            writeln!(
                out,
                "    given_{test}().then_partition({:?}, serde_json::from_str({constant}).expect(\"a state\"));\n}}",
                self.partition
            )?;
        }
        if let [one, other] = self.sides.as_slice()
            && !same(&one.state, &other.state)
        {
            writeln!(out, "\n#[test]\n#[should_panic(expected = \"assertion `left == right` failed\")]")?;
            writeln!(out, "fn {}_does_not_lead_to_the_state_of_{}() {{", one.test, other.test)?;
            writeln!(
                out,
                "    given_{}().then_partition({:?}, serde_json::from_str({}).expect(\"a state\"));\n}}",
                one.test,
                self.partition,
                other.test.to_uppercase()
            )?;
        }
        Ok(())
    }

    /// A module of tests for `node --test`. What a projection in Rust does, its module must be told in JavaScript.
    #[must_use]
    pub fn to_javascript(&self) -> String {
        let mut text = String::new();
        let _ = self.write_javascript(&mut text);
        text
    }

    fn write_javascript(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "// {}", one_line(&self.about))?;
        writeln!(out, "//\n// Exported by Leftfold. Run it with: node --test. Events are in their newest shape.")?;
        if let Folded::Projection { name, .. } = &self.folded {
            writeln!(out, "// It needs {name}.mjs beside it, which is yours: the page has this projection in Rust.")?;
        }
        writeln!(out, "\nimport assert from \"node:assert/strict\";\nimport {{ test }} from \"node:test\";")?;
        match &self.folded {
            Folded::Merged { .. } => {
                writeln!(out, "\n// The payloads of a stream, merged: later members over earlier ones.")?;
                writeln!(out, "const initial = () => null;\n{MERGE_IN_JAVASCRIPT}")?;
                writeln!(out, "const apply = (state, event) => merge(state, event.data);")?;
            }
            Folded::Projection { name, .. } => {
                writeln!(
                    out,
                    "\n// The projection {name} in JavaScript: initial() gives its first state, apply(state, event) the next one."
                )?;
                writeln!(out, "import {{ apply, initial }} from \"./{name}.mjs\";")?;
            }
        }
        match &self.before {
            Some(before) => writeln!(out, "\nconst before = () => ({});", compact(before))?,
            None => writeln!(out, "\nconst before = initial;")?,
        }
        writeln!(out, "const fold = (events) => events.reduce((state, event) => apply(state, event), before());")?;
        for side in &self.sides {
            writeln!(out, "\n// {}", capital(&one_line(&side.about)))?;
            writeln!(out, "const {} = {{\n  events: [", side.test)?;
            for event in &side.events {
                if !event.note.is_empty() {
                    writeln!(out, "    // {}", one_line(&event.note))?;
                }
                let metadata = if event.metadata.is_empty() { "{}" } else { &event.metadata };
                writeln!(
                    out,
                    "    {{ stream: {}, type: {}, schemaVersion: {}, timeMicros: {}, data: {}, metadata: {} }},",
                    Value::from(event.stream.as_str()),
                    Value::from(event.event_type.as_str()),
                    event.schema_version,
                    event.micros,
                    compact(&event.data),
                    compact(metadata)
                )?;
            }
            writeln!(out, "  ],\n  state: {},\n}};", compact(&side.state))?;
        }
        for side in &self.sides {
            let about = Value::from(one_line(&side.about));
            writeln!(out, "\ntest({about}, () => assert.deepEqual(fold({0}.events), {0}.state));", side.test)?;
        }
        if let [one, other] = self.sides.as_slice()
            && !same(&one.state, &other.state)
        {
            let about = Value::from(format!("{} is not {}", one_line(&one.about), one_line(&other.about)));
            writeln!(
                out,
                "\ntest({about}, () => assert.notDeepEqual(fold({}.events), {}.state));",
                one.test, other.test
            )?;
        }
        Ok(())
    }
}

/// The merge that [`Json::merge`](crate::model::json::Json::merge) does.
const MERGED_IN_RUST: &str = r#"
/// The payloads of a stream, merged: later members over earlier ones.
struct Merged;

impl Projection for Merged {
    type State = Value;

    fn name(&self) -> &str {
        STREAM
    }

    fn initial(&self) -> Value {
        Value::Null
    }

    fn apply(&self, state: &mut Value, event: &RecordedEvent) -> Result<(), BoxError> {
        merge(state, event.json()?);
        Ok(())
    }
}

fn merge(old: &mut Value, later: Value) {
    match (old, later) {
        (Value::Object(members), Value::Object(news)) => {
            for (name, value) in news {
                match members.get_mut(&name) {
                    Some(old) => merge(old, value),
                    None => drop(members.insert(name, value)),
                }
            }
        }
        (old, value) => *old = value,
    }
}
"#;

/// A raw string literal with as many `#` as it needs.
fn raw(text: &str) -> String {
    // A carriage return cannot stand in a raw string, and what turns the direction of writing must not be there unseen.
    if text.contains(|letter| letter == '\r' || turns(letter)) {
        return format!("{text:?}");
    }
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// JSON on one line, as it was written but for blanks; JavaScript reads it.
fn compact(text: &str) -> String {
    let json = crate::model::json::Json::parse(text.as_bytes()).map(|json| json.to_string());
    // `__proto__` as a plain member of a literal would be the prototype.
    json.map_or_else(|_| text.to_owned(), |text| text.replace("\"__proto__\":", "[\"__proto__\"]:"))
}

fn same(a: &str, b: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    value(a) == value(b)
}

/// A text for a comment. JavaScript has two more letters that end a line than those which are called control characters.
fn one_line(text: &str) -> String {
    let ends = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') || turns(letter);
    text.split(ends).collect::<Vec<_>>().join(" ")
}

/// Whether a letter turns the direction of writing, so that code is seen otherwise than it is read; Rust refuses them.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
