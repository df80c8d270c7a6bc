//! The panels of the page, one folder each.

#![expect(unreachable_pub, reason = "the component macro makes a public type of the properties of each component")]

mod app_bar;
mod breakpoint;
mod canvas;
mod commands;
mod controls;
mod debugger;
mod dialog;
mod dock;
mod dom;
mod editor;
mod event_log;
mod export;
mod first_visit;
mod help;
mod import;
mod in_turn;
mod inspector;
mod page;
mod palette;
mod projections;
mod rail;
mod storage;
mod stores;
mod toast;
mod tree;
mod waiting;
mod what_if;

pub(crate) use page::Page;
