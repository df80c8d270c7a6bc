//! Which part of a row becomes which part of an event.

use super::super::{Field, FieldSource, ImportError, ImportOptions, ImportOrder, Mapping, preview};
use super::{all, import_into, imported, store};

fn with_category(category: &str) -> ImportOptions {
    ImportOptions { category: Some(category.into()), ..ImportOptions::default() }
}

fn mapped(fields: &[(Field, &str)]) -> ImportOptions {
    let mut mapping = Mapping::default();
    fields.iter().for_each(|(field, source)| mapping.set(*field, Some(FieldSource::from(*source))));
    ImportOptions { mapping, ..ImportOptions::default() }
}

#[test]
fn csv_columns_are_texts_and_empty_cells_leave_nothing() {
    let text = "order_id,event_type,occurred_at,units,note,note,\n\
                7,OrderPlaced,2026-03-14T09:41:07.331Z,25,\"a \"\"b\"\"\r\nc\",,x\n";
    assert_eq!(
        imported(text, &ImportOptions::default()),
        [r#"7 OrderPlaced 2026-03-14T09:41:07.331Z v1 {"units":"25","note":"a \"b\"\r\nc","column 7":"x"} {} []"#]
    );
    let text = "order_id,event_type,occurred_at,note,note\n7,OrderPlaced,2026-03-14,,b\n";
    assert_eq!(
        imported(text, &ImportOptions::default()),
        [r#"7 OrderPlaced 2026-03-14T00:00:00Z v1 {"note_2":"b"} {} []"#]
    );
}

#[test]
fn ndjson_data_is_kept_byte_for_byte() {
    let text = r#"{"stream":"cart-1","type":"Added","time":"2020-01-01","data":{"price": 1.10, "n":12345678901234567890,"é":"\u00e9"},"schemaVersion":2,"metadata":{"correlationId": "c"},"tags":["b","a"]}"#;
    assert_eq!(
        imported(text, &ImportOptions::default()),
        [
            r#"cart-1 Added 2020-01-01T00:00:00Z v2 {"price": 1.10, "n":12345678901234567890,"é":"\u00e9"} {"correlationId": "c"} ["a", "b"]"#
        ]
    );
}

#[test]
fn ndjson_without_data_has_the_other_members_as_data() {
    let text =
        "{\"aggregate_id\":7,\"event_type\":\"Added\",\"created_at\":1577836800,\"price\": 1.10 ,\"x\":null}\r\n\r\n";
    assert_eq!(
        imported(text, &ImportOptions::default()),
        [r#"7 Added 2020-01-01T00:00:00Z v1 {"price":1.10,"x":null} {} []"#]
    );
}

#[test]
fn members_beside_the_data_join_the_metadata() {
    let text = r#"{"stream":"s","type":"A","payload":null,"metadata":{"user":"u", "by":1},"user":"v","tags":{"x":1},"tenant":[1, 2]}"#;
    let shown = imported(text, &ImportOptions::default());
    assert!(
        shown[0].ends_with(r#" v1 null {"user":"u","by":1,"user_2":"v","tags":{"x":1},"tenant":[1, 2]} []"#),
        "{shown:?}"
    );
    let text = r#"{"stream":"s","type":"A","data":[],"metadata":"text"}"#;
    let shown = imported(text, &ImportOptions::default());
    assert!(shown[0].ends_with(r#" [] {"metadata":"text"} []"#), "{shown:?}");
}

#[test]
fn what_a_store_gave_a_recorded_event_is_not_kept() {
    let text = r#"{"position":9,"version":3,"recordedAt":"2026-01-01T00:00:00Z","stream":"s","type":"A","time":"2020-01-01T00:00:00Z","id":"0198c0de-0000-7000-8000-000000000001","schemaVersion":1,"data":1,"metadata":{},"tags":[]}"#;
    assert_eq!(imported(text, &ImportOptions::default()), ["s A 2020-01-01T00:00:00Z v1 1 {} []"]);
}

#[test]
fn a_category_is_put_before_names_that_lack_it() {
    let text = "case,activity\n42,A\nreceipt-43,A\nreceipt,A\n";
    let streams = |options: &ImportOptions| {
        let store = store();
        import_into(&store, text.as_bytes(), options).unwrap();
        all(&store).iter().map(|event| event.stream().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(streams(&with_category("receipt")), ["receipt-42", "receipt-43", "receipt-receipt"]);
    assert_eq!(streams(&ImportOptions::default()), ["42", "receipt-43", "receipt"]);
    for category in ["", "a-b", "a\u{7}"] {
        let error = import_into(&store(), text.as_bytes(), &with_category(category)).unwrap_err();
        assert!(matches!(error, ImportError::InvalidCategory { .. }), "{error}");
    }
}

#[test]
fn constants_stand_in_for_columns() {
    let options = mapped(&[(Field::Stream, "=log-1"), (Field::Type, "=Logged"), (Field::SchemaVersion, "=3")]);
    let shown = imported("a,b\n1,2\n", &options);
    assert!(shown[0].starts_with("log-1 Logged ") && shown[0].ends_with(r#" v3 {"a":"1","b":"2"} {} []"#), "{shown:?}");
    let error = import_into(&store(), b"stream,type\n1,2\n", &mapped(&[(Field::Id, "=1")])).unwrap_err();
    assert!(matches!(error, ImportError::InvalidConstant { field: Field::Id, .. }), "{error}");
}

#[test]
fn a_named_column_outranks_every_guess() {
    let text = "stream,type,time,who,id\ns,A,2020-01-01,w,NA\n";
    let options = mapped(&[(Field::Stream, "who"), (Field::Time, "")]);
    let shown = imported(text, &options);
    assert!(
        shown[0].starts_with("w A ") && shown[0].ends_with(r#" {"stream":"s","time":"2020-01-01"} {} []"#),
        "{shown:?}"
    );
}

#[test]
fn gaps_in_the_mapping_name_the_columns_that_there_are() {
    let check =
        |text: &str, options: &ImportOptions| import_into(&store(), text.as_bytes(), options).unwrap_err().to_string();
    let error = check("case_id,when\n1,2\n", &ImportOptions::default());
    assert_eq!(error, "no column for the type was found among case_id, when; name one, or give a constant");
    let error = check("{\"case\":\"1\",\"when\":2}\n", &ImportOptions::default());
    assert_eq!(error, "no column for the type was found among case, when; name one, or give a constant");
    let error = check("case_id,type\n1,2\n", &mapped(&[(Field::Time, "when")]));
    assert_eq!(error, "the time is to come from \u{201c}when\u{201d}, but the file has case_id, type");
}

#[test]
fn the_order_is_by_time_unless_the_file_has_none_or_is_asked_for() {
    let text = "stream,type,time\na,1,2020-01-03\na,2,2020-01-01\nb,3,2020-01-02\nb,4,2020-01-03\n";
    let types = |text: &str, order| {
        let store = store();
        let options = ImportOptions { order, ..ImportOptions::default() };
        import_into(&store, text.as_bytes(), &options)
            .map(|_| all(&store).iter().map(|event| event.event_type().to_string()).collect::<String>())
    };
    assert_eq!(types(text, None).unwrap(), "3124");
    assert_eq!(types(text, Some(ImportOrder::Time)).unwrap(), "3124");
    assert_eq!(types(text, Some(ImportOrder::File)).unwrap(), "1234");
    let timeless = "stream,type\na,1\na,2\nb,3\nb,4\n";
    assert_eq!(types(timeless, None).unwrap(), "1234");
    let error = types(timeless, Some(ImportOrder::Time)).unwrap_err();
    assert!(matches!(error, ImportError::NoTimeToOrderBy { .. }), "{error}");
}

#[test]
fn a_preview_shows_what_an_import_would_do() {
    let text =
        "order_ref;event_name;occurred_at;qty\n7;Placed;2026-03-14;1\n8;Placed;14/03/26;2\n9;Paid;2026-03-15;3\n7;P";
    let options = with_category("order");
    let found = preview(text.as_bytes(), false, &options, 2).unwrap();
    assert_eq!((found.format.name(), found.delimiter, found.is_whole), ("csv", Some(';'), false));
    assert_eq!(found.columns, ["order_ref", "event_name", "occurred_at", "qty"]);
    assert_eq!(found.mapping.stream, Some(FieldSource::Column("order_ref".into())));
    assert_eq!(found.mapping.id, Some(FieldSource::Nowhere));
    assert_eq!((found.events, found.fault_count, found.streams), (2, 1, 2));
    assert_eq!(found.rows.len(), 2);
    assert_eq!(found.rows[0].cells, ["7", "Placed", "2026-03-14", "1"]);
    assert_eq!(found.rows[0].event.as_ref().unwrap().0.as_str(), "order-7");
    assert_eq!(found.faults[0].line, 3);
    assert_eq!(found.faults[0].column.as_deref(), Some("occurred_at"));
    assert_eq!(found.types.iter().map(ToString::to_string).collect::<Vec<_>>(), ["Placed", "Paid"]);
    let whole = preview(text.as_bytes(), true, &options, 2).unwrap();
    assert_eq!((whole.events, whole.fault_count, whole.faults.len()), (2, 2, 2));
}

#[test]
fn a_preview_goes_on_where_the_mapping_has_gaps() {
    let found = preview(b"a,b\n1,2\n3,4,5\n", true, &ImportOptions::default(), 10).unwrap();
    assert_eq!(found.missing(), [Field::Stream, Field::Type]);
    assert_eq!((found.columns.len(), found.rows.len(), found.events, found.fault_count), (2, 2, 0, 1));
    assert_eq!(found.rows[0].cells, ["1", "2"]);
    let header_only = preview(b"a,b\n", true, &ImportOptions::default(), 10).unwrap();
    assert_eq!((header_only.columns.len(), header_only.rows.len()), (2, 0));
}
