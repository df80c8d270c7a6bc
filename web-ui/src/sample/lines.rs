//! The lines of an order. Events hold lines; what they come to is added up where it is asked for.

use serde::{Deserialize, Serialize};

use super::catalog::SKUS;
use crate::model::form::{FieldKind, FieldSchema, Initial};

/// So many units of one product, at a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The product.
    pub sku: String,
    /// How many.
    pub units: u32,
    /// The price of one, in cents.
    pub unit_price: u32,
}

/// So many units of one product, in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The product.
    pub sku: String,
    /// How many.
    pub units: u32,
}

/// What lines come to, in cents.
#[must_use]
pub fn cents(lines: &[Line]) -> i64 {
    lines.iter().map(|line| i64::from(line.units) * i64::from(line.unit_price)).sum()
}

/// How many units lines have.
#[must_use]
pub fn units(lines: &[Line]) -> i64 {
    lines.iter().map(|line| i64::from(line.units)).sum()
}

/// The fields of a [`Line`].
pub const LINE_FIELDS: &[FieldSchema] = &[
    FieldSchema {
        name: "sku",
        label: "Product",
        help: "",
        kind: FieldKind::Choice { options: &SKUS },
        initial: Initial::Text(SKUS[0]),
    },
    FieldSchema {
        name: "units",
        label: "Units",
        help: "",
        kind: FieldKind::Number { min: 1, max: 10000 },
        initial: Initial::Text("1"),
    },
    FieldSchema {
        name: "unitPrice",
        label: "Unit price",
        help: "In cents",
        kind: FieldKind::Number { min: 0, max: 10_000_000 },
        initial: Initial::Text("4690"),
    },
];

/// The fields of an [`Item`].
pub const ITEM_FIELDS: &[FieldSchema] = &[
    FieldSchema {
        name: "sku",
        label: "Product",
        help: "",
        kind: FieldKind::Choice { options: &SKUS },
        initial: Initial::Text(SKUS[0]),
    },
    FieldSchema {
        name: "units",
        label: "Units",
        help: "",
        kind: FieldKind::Number { min: 1, max: 10000 },
        initial: Initial::Text("1"),
    },
];
