//! Which column is which field, when nobody says.
//!
//! Every field has a list of names, the surest first, compared without regard to case, `_`, `-` and spaces. A name alone
//! does not do: the values of the first rows must fit the field, so that a column `id` whose values repeat is no event id
//! (it is then the entity's, and may name the stream), and a column `date` that holds no dates gives way to the next.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::error::ImportError;
use super::format::GivenId;
use super::options::{Field, FieldSource, Mapping};
use super::preview::MAX_PREVIEW_COLUMNS;
use super::text::read_time;

/// A column and its values in the first rows.
#[derive(Debug)]
pub(super) struct SampleColumn<'a> {
    pub(super) name: Cow<'a, str>,
    /// How many rows were looked at.
    pub(super) rows: usize,
    /// The values of those that have a text or number there.
    pub(super) given: Vec<Cow<'a, str>>,
}

/// The names of columns for an error, which lists the first of them.
pub(super) fn listed(columns: &[SampleColumn<'_>]) -> Vec<String> {
    columns.iter().take(MAX_PREVIEW_COLUMNS).map(|column| column.name.to_string()).collect()
}

const STREAM: &[&str] = &[
    "case:concept:name",
    "streamname",
    "streamid",
    "stream",
    "aggregateid",
    "aggregateidentifier",
    "aggregaterootid",
    "originatorid",
    "caseid",
    "case",
    "caseref",
    "casekey",
    "entityid",
    "entity",
    "orderid",
    "orderref",
    "aggregate",
    "subject",
    "objectid",
    "sessionid",
    "accountid",
    "documentid",
    "ticketid",
];

const TYPE: &[&str] = &[
    "concept:name",
    "eventtype",
    "eventname",
    "messagetype",
    "type",
    "activity",
    "activityname",
    "event",
    "name",
    "action",
    "kind",
    "topic",
    "operation",
    "task",
];

const TIME: &[&str] = &[
    "time:timestamp",
    "occurredat",
    "occurredon",
    "happenedat",
    "eventtime",
    "eventtimestamp",
    "timestamp",
    "time",
    "createdat",
    "recordedat",
    "datetime",
    "date",
    "createdon",
    "created",
    "recordedon",
    "completetimestamp",
    "starttimestamp",
    "ts",
    "endtime",
    "starttime",
];

const ID: &[&str] = &["eventid", "eventuuid", "eventidentifier", "messageid", "id", "uuid", "guid"];

const SCHEMA_VERSION: &[&str] =
    &["schemaversion", "eventversion", "eventschemaversion", "payloadversion", "payloadrevision", "revision"];

/// Ids of other things than entities: never the stream by their ending alone.
const NO_STREAM: &[&str] = &[
    "correlationid",
    "causationid",
    "traceid",
    "spanid",
    "parentid",
    "requestid",
    "commandid",
    "transactionid",
    "tenantid",
    "globalid",
    "eventid",
    "messageid",
];

fn names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Stream => STREAM,
        Field::Type => TYPE,
        Field::Time => TIME,
        Field::Id => ID,
        Field::SchemaVersion => SCHEMA_VERSION,
    }
}

pub(super) fn normal(name: &str) -> String {
    let marks = |c: &char| !matches!(c, '_' | '-' | ' ' | '.' | '@');
    name.chars().filter(marks).flat_map(char::to_lowercase).collect()
}

/// How well the values of a column suit a field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    Partly,
    Well,
}

fn fit(field: Field, column: &SampleColumn<'_>) -> Fit {
    let given = || column.given.iter();
    let count = column.given.len();
    if column.rows == 0 {
        return Fit::Well;
    }
    if count == 0 {
        return Fit::No;
    }
    let mostly = |n: usize, of: usize| if n * 2 >= of { Fit::Well } else { Fit::Partly };
    let filled = mostly(count, column.rows);
    match field {
        Field::Stream | Field::Type => filled,
        Field::Time if filled == Fit::Partly => Fit::No,
        Field::Time => mostly(given().filter(|value| read_time(value).is_ok()).count(), count),
        Field::Id if has_repeats(column) => Fit::No,
        Field::Id => Fit::Well,
        Field::SchemaVersion if given().all(|value| read_schema_version(value).is_some()) => Fit::Well,
        Field::SchemaVersion => Fit::No,
    }
}

fn has_repeats(column: &SampleColumn<'_>) -> bool {
    let mut seen = HashSet::new();
    column.given.iter().any(|value| GivenId::parse(value).is_some() && !seen.insert(value.as_ref()))
}

/// Reads a schema version: a whole number, or one with only zeros after its point, as in `1.0`.
pub(super) fn read_schema_version(text: &str) -> Option<u32> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty()
        || !whole.bytes().all(|byte| byte.is_ascii_digit())
        || !fraction.bytes().all(|byte| byte == b'0')
    {
        return None;
    }
    whole.parse().ok()
}

/// Completes `mapping`: afterwards a field is `None` only when every event needs it and no column was found.
///
/// With `may_be_rare` a column that the mapping names for an optional field need not be among the sampled ones.
///
/// # Errors
/// [`ImportError::UnknownColumn`] when the mapping names a column that is not there.
pub(super) fn complete(
    mapping: &Mapping,
    columns: &[SampleColumn<'_>],
    may_be_rare: bool,
) -> Result<Mapping, ImportError> {
    let mut complete = mapping.clone();
    let mut is_taken = vec![false; columns.len()];
    for field in Field::ALL {
        if let Some(FieldSource::Column(name)) = mapping.get(field) {
            match columns.iter().position(|column| column.name == name.as_str()) {
                Some(index) => is_taken[index] = true,
                None if may_be_rare && matches!(field, Field::Id | Field::SchemaVersion) => {}
                None => {
                    let columns = listed(columns);
                    return Err(ImportError::UnknownColumn { field, column: name.clone(), columns });
                }
            }
        }
    }
    let normal_names: Vec<String> = columns.iter().map(|column| normal(&column.name)).collect();
    for field in Field::ALL {
        if mapping.get(field).is_some() {
            continue;
        }
        let found = guess(field, columns, &normal_names, &is_taken);
        if let Some(index) = found {
            is_taken[index] = true;
            complete.set(field, Some(FieldSource::Column(columns[index].name.to_string())));
        } else if !field.is_required() {
            complete.set(field, Some(FieldSource::Nowhere));
        }
    }
    Ok(complete)
}

fn guess(field: Field, columns: &[SampleColumn<'_>], normal_names: &[String], is_taken: &[bool]) -> Option<usize> {
    let free = |index: &usize| !is_taken[*index];
    let by_name = names(field)
        .iter()
        .flat_map(|name| (0..columns.len()).filter(move |index| normal_names[*index] == *name))
        .filter(free);
    let mut best: Option<(usize, Fit)> = None;
    for index in by_name {
        let fit = fit(field, &columns[index]);
        if fit > best.map_or(Fit::No, |(_, fit)| fit) {
            best = Some((index, fit));
        }
    }
    let found = best.map(|(index, _)| index);
    if field != Field::Stream || found.is_some() {
        return found;
    }
    let is_entity_id = |index: &usize| {
        let name = columns[*index].name.as_ref();
        ["_id", "Id", "ID", "_ref", "Ref", "_key"]
            .iter()
            .any(|ending| name.len() > ending.len() && name.ends_with(ending))
            && !NO_STREAM.contains(&normal_names[*index].as_str())
    };
    let is_repeated_id = |index: &usize| normal_names[*index] == "id" && has_repeats(&columns[*index]);
    (0..columns.len())
        .filter(free)
        .filter(|index| is_entity_id(index) || is_repeated_id(index))
        .find(|index| fit(Field::Stream, &columns[*index]) == Fit::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guesses for a table given as a header and rows, and shows the five fields in order.
    fn check(header: &str, rows: &[&str]) -> String {
        let names: Vec<&str> = header.split(',').collect();
        let cell = |row: &'static str, index: usize| {
            row.split(',').nth(index).filter(|text| !text.is_empty()).map(Cow::Borrowed)
        };
        let rows: Vec<&'static str> = rows.iter().map(|row| &*(*row).to_owned().leak()).collect();
        let columns: Vec<SampleColumn<'_>> = names
            .iter()
            .enumerate()
            .map(|(index, name)| SampleColumn {
                name: Cow::Borrowed(*name),
                rows: rows.len(),
                given: rows.iter().filter_map(|row| cell(row, index)).collect(),
            })
            .collect();
        let mapping = complete(&Mapping::default(), &columns, false).expect("nothing is named");
        let show = |field| match mapping.get(field) {
            Some(FieldSource::Column(name)) => name.clone(),
            Some(FieldSource::Nowhere) => "-".to_owned(),
            other => format!("{other:?}"),
        };
        Field::ALL.map(show).join(" ")
    }

    #[test]
    fn well_known_headers() {
        let cases = [
            (
                "case:concept:name,concept:name,time:timestamp,lifecycle:transition",
                "case:concept:name concept:name time:timestamp - -",
            ),
            (
                ",concept:name,org:resource,time:timestamp,Activity,case:concept:name",
                "case:concept:name concept:name time:timestamp - -",
            ),
            ("aggregate_id,event_type,occurred_at,payload", "aggregate_id event_type occurred_at - -"),
            ("id,stream_name,type,time,data", "stream_name type time id -"),
            ("order_ref,event_name,occurred_at,sku,qty", "order_ref event_name occurred_at - -"),
            ("Case ID,Activity,Complete Timestamp,Resource", "Case ID Activity Complete Timestamp - -"),
            (
                "aggregate_type,aggregate_id,sequence,event_type,event_version",
                "aggregate_id event_type - - event_version",
            ),
            ("eventId,streamId,eventType,timestamp,revision", "streamId eventType timestamp eventId revision"),
            ("invoice_id,correlation_id,type,@timestamp", "invoice_id type @timestamp - -"),
            ("a,b,c", "None None - - -"),
        ];
        for (header, expected) in cases {
            assert_eq!(check(header, &[]), expected, "{header}");
        }
    }

    #[test]
    fn values_decide_between_names() {
        let cases = [
            ("id,type,time", &["7,A,2020-01-01", "7,B,2020-01-02"][..], "id type time - -"),
            ("id,stream,type", &["NA,s,A", "NA,s,B"], "stream type - id -"),
            ("stream,type,timestamp,date", &["s,A,soon,2020-01-01", "s,B,later,2020-01-02"], "stream type date - -"),
            ("stream,type,timestamp", &["s,A,soon"], "stream type timestamp - -"),
            ("stream,type,timestamp", &["s,A,", "s,A,", "s,A,2020-01-01"], "stream type - - -"),
            ("stream,type,revision", &["s,A,abc"], "stream type - - -"),
            ("case,stream,type", &[",s,A", "c,s,A"], "stream type - - -"),
            ("case_id,stream,type", &["c,,A", "c,,A"], "case_id type - - -"),
        ];
        for (header, rows, expected) in cases {
            assert_eq!(check(header, rows), expected, "{header}");
        }
    }

    #[test]
    fn schema_versions_are_whole_numbers() {
        for (text, version) in
            [("1", Some(1)), (" 2.0 ", Some(2)), ("1.5", None), ("", None), ("v1", None), (".0", None)]
        {
            assert_eq!(read_schema_version(text), version, "{text}");
        }
    }
}
