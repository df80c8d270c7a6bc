//! What changed between two places, as JSON Patch.

use std::rc::Rc;

use json_patch::PatchOperation;
use serde_json::Value;

use super::error::TimelineError;
use super::{Cursor, Seek, Timeline};
use crate::domain::{Position, Projection};

impl<P: Projection> Timeline<P> {
    /// The operations that make the state at `a` that at `b`, both as JSON: [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902).
    /// A partition that does not exist is `null`.
    ///
    /// Two seeks, and the time to write and compare both states.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn diff(&self, a: Cursor, b: Cursor, partition: &str) -> Result<Vec<PatchOperation>, TimelineError> {
        let inner = &self.inner;
        let (a, b) = (inner.reach(a).await?, inner.reach(b).await?);
        let mut taken = Seek::default();
        let before = inner.seek(partition, a, &mut taken).await?;
        let after = inner.seek(partition, b, &mut taken).await?;
        inner.last_seek.set(taken);
        if let (Some(before), Some(after)) = (&before, &after)
            && Rc::ptr_eq(before, after)
        {
            return Ok(Vec::new());
        }
        let (before, after) = (json_of(before.as_deref(), a)?, json_of(after.as_deref(), b)?);
        Ok(json_patch::diff(&before, &after).0)
    }
}

pub(super) fn json_of<S: serde::Serialize>(state: Option<&S>, at: Position) -> Result<Value, TimelineError> {
    let not_json = |error: serde_json::Error| TimelineError::NotJson { position: at, reason: error.to_string() };
    state.map_or(Ok(Value::Null), |state| serde_json::to_value(state).map_err(not_json))
}
