//! The commands of the sample, for whoever has them as values: from a form, a script, a queue.

use std::error::Error;

use leftfold_core::{
    AppendError, CommandContext, CommandError, Decider, EventStore, ExpectedVersion, LoadError, Position, Repository,
    StreamName, StreamVersion,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::inventory::{self, InventoryDecider};
use super::order::{self, OrderDecider};
use super::payment::{self, PaymentDecider};
use super::shipment::{self, ShipmentDecider};
use super::upcasters;
use crate::model::form::CommandSchema;

/// Who decides: one of the four deciders. Its streams are of the category of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Orders.
    Order,
    /// Payments.
    Payment,
    /// Stock, a stream a product.
    Inventory,
    /// Shipments.
    Shipment,
}

/// A stream as a decider sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The version of its last event; zero when it has none.
    pub version: StreamVersion,
    /// The decider's state there.
    pub state: Value,
}

/// What came of a command that was not refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    /// Where its events stand, and their types; none when there was nothing to do.
    pub events: Vec<(Position, String)>,
    /// Whether they had been stored before, under the same id of the command.
    pub duplicate: bool,
    /// The stream after them.
    pub loaded: Loaded,
}

/// Why a command stored nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IssueError {
    /// The decider said no.
    #[error("{reason}")]
    Rejected {
        /// Why, in the domain's words.
        reason: String,
    },
    /// The stream is not where the command was decided.
    #[error("the stream is at version {actual}, the command was decided at {decided}")]
    Conflict {
        /// What the caller had seen.
        decided: StreamVersion,
        /// What is.
        actual: StreamVersion,
    },
    /// The value is none of the decider's commands.
    #[error("this is no command: {reason}")]
    NoCommand {
        /// What is wrong.
        reason: String,
    },
    /// The store failed, or its log cannot be read.
    #[error("{message}")]
    Failed {
        /// What went wrong.
        message: String,
        /// The stable code.
        code: &'static str,
    },
}

impl IssueError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "rejected",
            Self::Conflict { .. } => "wrong-expected-version",
            Self::NoCommand { .. } => "invalid-input",
            Self::Failed { code, .. } => code,
        }
    }
}

impl From<LoadError> for IssueError {
    fn from(error: LoadError) -> Self {
        Self::Failed { message: error.to_string(), code: error.code() }
    }
}

impl Aggregate {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Order, Self::Payment, Self::Inventory, Self::Shipment];

    /// The name of the decider, and the category of its streams.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Inventory => "inventory",
            Self::Shipment => "shipment",
        }
    }

    /// Its commands.
    #[must_use]
    pub fn commands(self) -> &'static [CommandSchema] {
        match self {
            Self::Order => order::COMMANDS,
            Self::Payment => payment::COMMANDS,
            Self::Inventory => inventory::COMMANDS,
            Self::Shipment => shipment::COMMANDS,
        }
    }

    /// Looks at a stream as the decider sees it.
    ///
    /// # Errors
    /// [`IssueError::Failed`] when the log cannot be read.
    pub async fn load(self, store: &EventStore, stream: &StreamName) -> Result<Loaded, IssueError> {
        register(store)?;
        match self {
            Self::Order => load(store, OrderDecider, stream).await,
            Self::Payment => load(store, PaymentDecider, stream).await,
            Self::Inventory => load(store, InventoryDecider, stream).await,
            Self::Shipment => load(store, ShipmentDecider, stream).await,
        }
    }

    /// Decides on a command for a stream that the caller has seen at version `decided`, and appends what was decided. The
    /// context's own expected version is not used.
    ///
    /// A command on a stream that has gone on is a conflict, whatever the decider would say by now: the caller has not seen
    /// what it would be decided on.
    ///
    /// # Errors
    /// [`IssueError`]; nothing was stored then.
    pub async fn issue(
        self,
        store: &EventStore,
        stream: &StreamName,
        decided: StreamVersion,
        command: Value,
        context: CommandContext,
    ) -> Result<Issued, IssueError> {
        register(store)?;
        match self {
            Self::Order => issue(store, OrderDecider, stream, decided, command, context).await,
            Self::Payment => issue(store, PaymentDecider, stream, decided, command, context).await,
            Self::Inventory => issue(store, InventoryDecider, stream, decided, command, context).await,
            Self::Shipment => issue(store, ShipmentDecider, stream, decided, command, context).await,
        }
    }
}

fn register(store: &EventStore) -> Result<(), IssueError> {
    upcasters::register(store).map_err(|error| IssueError::Failed { message: error.to_string(), code: "invalid-event" })
}

async fn load<D>(store: &EventStore, decider: D, stream: &StreamName) -> Result<Loaded, IssueError>
where
    D: Decider + 'static,
{
    let loaded = Repository::new(store, decider).load(stream).await?;
    Ok(Loaded { version: loaded.version, state: shown(&loaded.state) })
}

/// A state as JSON. States of the sample are plain data, of which there is always some.
fn shown(state: &impl Serialize) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

async fn issue<D>(
    store: &EventStore,
    decider: D,
    stream: &StreamName,
    decided: StreamVersion,
    command: Value,
    context: CommandContext,
) -> Result<Issued, IssueError>
where
    D: Decider<Command: DeserializeOwned, Rejection: Error> + 'static,
{
    let command =
        serde_json::from_value(command).map_err(|error| IssueError::NoCommand { reason: error.to_string() })?;
    let repository = Repository::new(store, decider);
    let context = context.expected_version(ExpectedVersion::Exact(decided));
    let done = match repository.execute(stream, &command, context).await {
        Ok(done) => done,
        Err(CommandError::Append(AppendError::WrongExpectedVersion { actual, .. })) => {
            return Err(IssueError::Conflict { decided, actual });
        }
        Err(CommandError::Rejected(rejection)) => {
            let actual = repository.load(stream).await?.version;
            return Err(if actual == decided {
                IssueError::Rejected { reason: rejection.to_string() }
            } else {
                IssueError::Conflict { decided, actual }
            });
        }
        Err(error) => return Err(IssueError::Failed { message: error.to_string(), code: error.code() }),
    };
    let positions = done.commit.iter().flat_map(|commit| commit.first_position.get()..=commit.last_position.get());
    let events = store.with_log(|log| {
        let row = |at: u64| log.row(Position::new(at)).map(|row| (row.position, row.event_type.to_string()));
        positions.filter_map(row).collect()
    });
    Ok(Issued {
        events,
        duplicate: done.commit.as_ref().is_some_and(|commit| commit.duplicate),
        loaded: Loaded { version: done.version, state: shown(&done.state) },
    })
}
