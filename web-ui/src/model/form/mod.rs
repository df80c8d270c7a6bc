//! Forms made from a description of a command: what is typed, what is wrong with it, and the value that comes of it.

mod draft;
mod schema;
#[cfg(test)]
mod tests;

pub use draft::{Draft, FieldFault, Place};
pub use schema::{CommandSchema, FieldKind, FieldSchema, Initial, Suggests};
