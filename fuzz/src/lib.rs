//! What the fuzz targets of the importers share.

use futures_executor::block_on;
use leftfold_core::formats::{Format, fuzzing};

/// Whatever the bytes are: the importer of this format refuses them and stores nothing, or what it reports is so.
///
/// # Panics
/// When it does neither; that is the find.
pub fn import(format: Option<Format>, bytes: &[u8]) {
    block_on(fuzzing::import_holds(format, bytes));
}
