//! The bookmarks lane.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;

use super::lane::Lane;
use super::signals::MOST_ELEMENTS;
use crate::components::controls::sized_icon;
use crate::model::bookmarks::{Bookmark, Flag, flags};
use crate::model::format;

/// The bookmarks that the layout shows.
pub(super) fn bookmarks_in_view(lane: Lane) -> Memo<Arc<Vec<Bookmark>>> {
    Memo::new(move |_| {
        lane.layout.with(|layout| {
            lane.app.bookmarks.all.with(|all| {
                let shown =
                    all.between(layout.range.0, layout.range.1).iter().filter(|mark| layout.shows(mark.position));
                Arc::new(shown.cloned().collect())
            })
        })
    })
}

/// A flag with its place.
#[derive(Clone, PartialEq)]
struct Placed {
    bookmark: Bookmark,
    share: f64,
    flag: Flag,
}

/// The bookmarks as flags, while they are few; beyond that the list has them, and the canvas their lines.
#[component]
pub(super) fn Flags(lane: Lane, bookmarks: Memo<Arc<Vec<Bookmark>>>) -> impl IntoView {
    let app = lane.app;
    let placed = Memo::new(move |_| {
        let bookmarks = bookmarks.get();
        if bookmarks.len() > MOST_ELEMENTS {
            return Vec::new();
        }
        let width = lane.size.get().0;
        lane.layout.with(|layout| {
            let shares: Vec<f64> = bookmarks.iter().map(|bookmark| layout.share_of(app, bookmark.position)).collect();
            let places: Vec<f64> = shares.iter().map(|share| share * width).collect();
            let flags = flags(&places, width);
            let all = bookmarks.iter().zip(shares).zip(flags);
            all.map(|((bookmark, share), flag)| Placed { bookmark: bookmark.clone(), share, flag }).collect()
        })
    });
    let positions = move || placed.with(|placed| placed.iter().map(|flag| flag.bookmark.position).collect::<Vec<_>>());
    let flag = move |position: Position| {
        let mine = Memo::new(move |_| {
            placed.with(|placed| placed.iter().find(|flag| flag.bookmark.position == position).cloned())
        });
        let name = Memo::new(move |_| mine.get().map(|mine| mine.bookmark.name).unwrap_or_default());
        let flag = Memo::new(move |_| mine.get().map_or(Flag::Line, |mine| mine.flag));
        let style = move || {
            let share = mine.with(|mine| mine.as_ref().map_or(0.0, |mine| mine.share)) * 100.0;
            match flag.get() {
                Flag::Right(room) | Flag::Left(room) => format!("--x:{share};--room:{room}px"),
                Flag::Bare | Flag::Line => format!("--x:{share}"),
            }
        };
        let kind = move || match flag.get() {
            Flag::Right(_) => "right",
            Flag::Left(_) => "left",
            Flag::Bare => "bare",
            Flag::Line => "line",
        };
        let label = move || format!("Bookmark {}, event {}", name.get(), format::grouped(position.get()));
        view! {
            <button
                type="button"
                class="lf-bookmark lf-at"
                data-flag=kind
                style=style
                aria-label=label
                title=move || format!("{} · {}", name.get(), format::position(position))
                on:click=move |_| app.jump_to(position)
                on:keydown=move |event| {
                    if event.key() == "Delete" {
                        app.delete_bookmark(position);
                    }
                }
                on:dblclick=move |_| app.show_bookmarks(Some(position))
            >
                {sized_icon("flag", 12)}
                <span class="lf-clip">{name}</span>
            </button>
        }
    };
    view! { <For each=positions key=|position| position.get() let:position>{flag(position)}</For> }
}
