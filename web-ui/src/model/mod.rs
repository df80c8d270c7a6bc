//! What the page knows and decides, without a browser: plain data, changed by commands, tested natively.

pub mod axis;
pub mod blame;
pub mod bookmarks;
pub mod causes;
pub mod changes;
pub mod chart;
pub mod columns;
pub mod diff_table;
pub mod filter;
pub mod fold;
pub mod form;
pub mod format;
pub mod histogram;
pub mod json;
pub mod marks;
pub mod page_url;
pub mod palette;
pub mod place;
pub mod search;
pub mod sieve;
pub mod state_of;
pub mod stream_list;
pub mod summary;
pub mod timeline;
pub mod tree;
pub mod window;
