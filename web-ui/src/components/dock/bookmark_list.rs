//! The list of bookmarks: go to one, give it another name, delete it, add one.

use leftfold_core::Position;
use leptos::html;
use leptos::prelude::*;

use crate::components::controls::{icon, sized_icon};
use crate::components::dialog::Dialog;
use crate::model::bookmarks::LONGEST_NAME;
use crate::model::format;
use crate::state::App;

/// The dialog with all bookmarks.
#[component]
pub(crate) fn BookmarkList() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let positions =
        move || app.bookmarks.all.with(|all| all.all().iter().map(|bookmark| bookmark.position).collect::<Vec<_>>());
    let is_empty = Memo::new(move |_| app.bookmarks.all.with(|all| all.all().is_empty()));
    let is_new = Memo::new(move |_| {
        let cursor = app.cursor.get();
        app.bookmarks.all.with(|all| all.at(cursor).is_none()) && cursor > Position::ZERO
    });
    view! {
        <Dialog labelled_by="bookmarks-title" on_close=close is_small=true>
            <header class="lf-dialog__head">
                <h2 class="lf-dialog__title lf-grow" id="bookmarks-title">"Bookmarks"</h2>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                    {sized_icon("x", 16)}
                </button>
            </header>
            <div class="lf-dialog__body lf-scroll">
                <Show when=move || is_empty.get()>
                    <p class="lf-bookmarks__none">"No event is bookmarked yet. Press B, or the button below."</p>
                </Show>
                <ul class="lf-bookmarks">
                    <For each=positions key=|position| position.get() let:position>
                        <Item position=position />
                    </For>
                </ul>
            </div>
            <footer class="lf-dialog__foot">
                <button
                    type="button"
                    class="lf-btn"
                    disabled=move || !is_new.get()
                    on:click=move |_| {
                        app.bookmarks.naming.set(Some(app.cursor.get_untracked()));
                        app.bookmark_cursor();
                    }
                >
                    {icon("bookmark")}
                    {move || format!("Bookmark {}", format::position(app.cursor.get()))}
                </button>
            </footer>
        </Dialog>
    }
}

#[component]
fn Item(position: Position) -> impl IntoView {
    let app = App::get();
    let field = NodeRef::<html::Input>::new();
    let name = Memo::new(move |_| {
        app.bookmarks.all.with(|all| all.at(position).map(|bookmark| bookmark.name.clone()).unwrap_or_default())
    });
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        if app.bookmarks.naming.get_untracked() == Some(position) {
            app.bookmarks.naming.set(None);
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
            });
        }
    });
    // A field that goes away with the dialog is still told of its change: it asks for nothing of the dialog then.
    let rename = move |field: web_sys::HtmlInputElement| {
        let now = || app.bookmarks.all.with_untracked(|all| all.at(position).map(|bookmark| bookmark.name.clone()));
        if now().is_some() {
            app.name_bookmark(position, &field.value());
        }
        // What cannot be a name is taken back.
        field.set_value(&now().unwrap_or_default());
    };
    let go = move |_| {
        app.overlay.set(None);
        app.jump_to(position);
    };
    let at = format::position(position);
    let time = app.with_log(|log| log.time_of(position)).flatten();
    let time = time.map(|time| format!("{} {}", format::date(time), format::clock(time)));
    view! {
        <li class="lf-bookmarks__item">
            <button type="button" class="lf-btn lf-btn--link lf-mono" aria-label=format!("Go to {at}") title=time on:click=go>
                {at.clone()}
            </button>
            <label class="lf-field lf-grow">
                <span class="lf-vh">{format!("Name of the bookmark at {at}")}</span>
                <input
                    node_ref=field
                    class="lf-field__input"
                    autocomplete="off"
                    maxlength=LONGEST_NAME
                    prop:value=name
                    on:change:target=move |event| rename(event.target())
                    on:keydown:target=move |event| {
                        if event.key() == "Enter" {
                            rename(event.target());
                            app.overlay.set(None);
                        }
                    }
                />
            </label>
            <button
                type="button"
                class="lf-btn lf-btn--ghost lf-btn--icon"
                aria-label=format!("Delete the bookmark at {at}")
                title="Delete"
                on:click=move |_| app.delete_bookmark(position)
            >
                {icon("trash")}
            </button>
        </li>
    }
}
