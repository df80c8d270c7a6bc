//! The state of one stream of any log: its payloads, merged.

use leftfold_core::{BoxError, ContentType, Projection, Query, QueryItem, RecordedEvent, StreamName};

use crate::model::json::Json;

/// Merges the payloads of one stream, later members over earlier ones. Before the first event the state is `null`.
pub(super) struct MergedStream {
    stream: StreamName,
}

impl MergedStream {
    pub(super) fn new(stream: StreamName) -> Self {
        Self { stream }
    }
}

impl Projection for MergedStream {
    type State = Json;

    fn name(&self) -> &str {
        self.stream.as_str()
    }

    fn query(&self) -> Query {
        QueryItem::of_streams([self.stream.clone()]).into()
    }

    fn initial(&self) -> Json {
        Json::Null
    }

    fn apply(&self, state: &mut Json, event: &RecordedEvent) -> Result<(), BoxError> {
        let payload = match event.content() {
            ContentType::Json => Json::parse(event.data())?,
            // Bytes have no members to merge; the state then says what they are.
            ContentType::Bytes(kind) => Json::Object(vec![
                ("contentType".to_owned(), Json::String(kind.to_string())),
                ("bytes".to_owned(), Json::count(event.data().len() as u64)),
            ]),
        };
        state.merge(&payload);
        Ok(())
    }
}
