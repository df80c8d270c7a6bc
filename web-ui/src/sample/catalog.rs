//! What the warehouse sells, and who carries it.

/// A product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its stock keeping unit; its stream is `inventory-` and this without `SKU-`.
    pub sku: &'static str,
    /// Its price, in cents.
    pub unit_price: u32,
    /// Units that come with one delivery.
    pub lot: u32,
    /// Fewer sellable units than this, and a delivery is asked for.
    pub reorder_below: u32,
    /// How often it is bought, beside the others.
    pub demand: u32,
}

const fn product(sku: &'static str, unit_price: u32, lot: u32, reorder_below: u32, demand: u32) -> Product {
    Product { sku, unit_price, lot, reorder_below, demand }
}

/// The products.
pub const PRODUCTS: [Product; 10] = [
    product("SKU-AERO-12", 4_690, 60, 30, 18),
    product("SKU-AERO-14", 4_990, 70, 30, 20),
    product("SKU-BOLT-02", 920, 80, 36, 24),
    product("SKU-BOLT-05", 1_240, 60, 28, 16),
    product("SKU-CRATE-9", 8_400, 20, 6, 4),
    product("SKU-DOCK-1", 12_900, 20, 7, 5),
    product("SKU-FLEX-3", 3_150, 40, 15, 9),
    product("SKU-LAMP-21", 2_790, 36, 14, 8),
    product("SKU-PIN-1", 350, 60, 22, 12),
    product("SKU-ROPE-30", 1_875, 30, 10, 6),
];

/// The carriers.
pub const CARRIERS: [&str; 3] = ["DHL", "UPS", "PostNord"];

/// The name of the stream of a product.
#[must_use]
pub fn inventory_stream(sku: &str) -> String {
    format!("inventory-{}", sku.strip_prefix("SKU-").unwrap_or(sku))
}

/// The stock keeping units of the products.
pub const SKUS: [&str; PRODUCTS.len()] = {
    let mut skus = [""; PRODUCTS.len()];
    let mut number = 0;
    while number < skus.len() {
        skus[number] = PRODUCTS[number].sku;
        number += 1;
    }
    skus
};
