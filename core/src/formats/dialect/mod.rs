//! The event tables of other stores, as CSV, NDJSON or a JSON array of their rows.
//!
//! A table is known by its column names, upper and lower case and `_` aside: all that it always has are there, and no other
//! than it can have. A mapping or a format that the caller gives outranks this. What a column is for stands in [`tables`].
//! Then, for all of them:
//!
//! - **Stream**: where the table has a column for the kind of entity, that, `-` and the entity's id. Streams of a tenant or
//!   partition other than the usual one have `@` and its name behind them: there such streams are others.
//! - **Ids** are kept as those of any file. A table without ids, and a row whose id is `NA`, has one of stream and version.
//! - **Order**: by the table's global position, where it has one, unless [`ImportOptions::order`](super::ImportOptions)
//!   says otherwise. Without one, the versions of a stream must rise, else the row is a fault.
//! - **Schema version**: a whole number, or the first number of one such as `2.1.0`, whose text is then kept in the
//!   metadata; another text is kept there alone.
//! - **Data**: JSON, nested or as a text, kept byte for byte. A column of bytes is taken as text, as hex with `\x`, `0x` or
//!   nothing before it, or as Base64; bytes that are no JSON stay bytes, with a content type that says what they seem to
//!   be, and with a note in the metadata when they seem compressed or encrypted.
//! - **Metadata**: the table's own; and the other columns under their own names, unless they are empty or hold what they
//!   hold in every row by default. Correlation and causation become `correlationId` and `causationId`.

mod blob;
mod decimal;
mod row;
mod tables;

pub(super) use decimal::first_of_version;
pub(super) use row::{DialectRow, NOTHING, Parts};
pub(super) use tables::DialectTable;

use super::options::Format;

/// Which tables are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialects {
    /// None: the mapping or the format of the caller holds.
    None,
    /// Any, by the columns.
    ByColumns,
    /// Those of this format, and the file must be one.
    Only(Format),
}
