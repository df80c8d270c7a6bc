//! Whose state is looked at: from its name to its lens.

use std::rc::Rc;

use leftfold_core::{Position, StreamName};
use leptos::prelude::*;

use super::latest::Failure;
use super::{App, Trouble};
use crate::lens::Lens;
use crate::model::state_of::StateOf;

/// A lens, and the part of it that is looked at.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) lens: Rc<dyn Lens>,
    pub(crate) partition: String,
    pub(crate) stream: Option<StreamName>,
}

impl App {
    /// Whose state is shown: the stream of the event at the cursor by its name. Follows changes.
    pub(crate) fn whose_state(&self) -> StateOf {
        match self.state_of.get() {
            StateOf::Selected => {
                let row = self.row(self.follows.details.get());
                row.map_or(StateOf::Selected, |row| StateOf::Stream(row.stream.to_string()))
            }
            of => of,
        }
    }

    /// The lens for it.
    pub(crate) fn subject(&self, of: &StateOf, at: Position) -> Result<Subject, Failure> {
        let gone = |what: &str, code: &str| Failure::from(Trouble::new(what, code));
        let lenses = self.lenses().ok_or_else(|| gone("The store is not open any more.", "aborted"))?;
        let of_stream = |stream: StreamName| Subject {
            lens: lenses.stream(&stream),
            partition: String::new(),
            stream: Some(stream),
        };
        match of {
            StateOf::Log => Ok(Subject { lens: lenses.log(), partition: String::new(), stream: None }),
            StateOf::Projection { name, partition } => match lenses.projection(name) {
                Some(lens) => Ok(Subject { lens, partition: partition.clone(), stream: None }),
                None => Err(gone(&format!("This store has no projection named {name}."), "projection-unknown")),
            },
            StateOf::Selected => match self.row(at) {
                Some(row) => Ok(of_stream(row.stream)),
                None => Err(gone("There is no event at the cursor.", "invalid-input")),
            },
            StateOf::Stream(name) => match StreamName::new(name) {
                Ok(stream) => Ok(of_stream(stream)),
                Err(error) => Err(gone(&error.to_string(), "invalid-input")),
            },
        }
    }
}

/// How a state is called.
pub(crate) fn title(of: &StateOf) -> String {
    match of {
        StateOf::Selected => "this stream".to_owned(),
        StateOf::Stream(name) => name.clone(),
        StateOf::Log => crate::lens::WHOLE_LOG.to_owned(),
        StateOf::Projection { name, partition } if partition.is_empty() => name.clone(),
        StateOf::Projection { name, partition } => format!("{name} of {partition}"),
    }
}
