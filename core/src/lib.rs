//! Leftfold keeps an append-only log of events and answers for every moment of its history.

pub mod domain;

pub use domain::*;
