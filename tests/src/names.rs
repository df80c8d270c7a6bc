//! Names for databases.

/// A database name that no other test has, so that tests can run side by side and after one another.
pub fn fresh_name() -> String {
    format!("test-{}", uuid::Uuid::new_v4())
}
