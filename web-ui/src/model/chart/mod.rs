//! Read models as cards: what of a state is shown, what a step changed in it, and lines over the log.

mod cards;
mod content;
mod series;
#[cfg(test)]
mod tests;

pub use cards::{BUILT_IN, Card, CardKind, SAMPLE, Source, built_in_bars, built_in_number};
pub use content::{Bar, Cell, Content, TableRow};
pub use series::{Scale, Series, sample_positions, share_of_position, share_of_time};
