//! For the JavaScript classes, which read in one compiled module and store in another.

pub(crate) use super::import::EventReader;
#[cfg(feature = "js")]
pub(crate) use super::import::{Interrupted, import_by};
pub(crate) use super::order::Placed;
#[cfg(feature = "js-formats")]
pub(crate) use super::parcel::pack;
#[cfg(feature = "js")]
pub(crate) use super::parcel::unpack;
#[cfg(feature = "js-formats")]
pub(crate) use super::reading::Reading;
