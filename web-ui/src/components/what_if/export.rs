//! A branch as a file: as it is, or as a test.

use leptos::prelude::*;

use super::dialogs::Head;
use crate::components::controls::{Busy, Segmented, icon};
use crate::components::dialog::Dialog;
use crate::components::inspector::Failed;
use crate::model::format;
use crate::state::{App, Failure, FileKind, state_title};

/// The text of the file.
#[derive(Clone, PartialEq)]
enum Content {
    Wait,
    Failed(Failure),
    Text(String),
}

/// The dialog.
#[component]
pub(super) fn ExportBranch() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let kind = RwSignal::new(FileKind::Branch);
    let is_range = RwSignal::new(false);
    let range = Memo::new(move |_| app.timeline.with(|timeline| timeline.range()));
    let chosen_range = move || range.get().filter(|_| is_range.get());
    let key =
        Memo::new(move |_| desk.test_key(app, kind.get(), chosen_range()).filter(|_| kind.get() != FileKind::Branch));
    Effect::new(move |_| {
        if let Some(key) = key.get() {
            desk.want_test(app, key);
        }
    });
    let content = Memo::new(move |_| match kind.get() {
        FileKind::Branch => Content::Text(
            desk.branch.with(|branch| branch.as_ref().map_or_else(String::new, |branch| branch.to_json())),
        ),
        _ => match (desk.rerun_failure(app), desk.test.shown()) {
            // Without them it cannot be said what would have happened.
            (Some(failure), _) if chosen_range().is_none() => Content::Failed(failure),
            // An answer to another question is no file to save.
            (_, Some(shown)) if key.with(|key| key.as_ref() == Some(&shown.key)) => match shown.answer {
                Ok(text) => Content::Text((*text).clone()),
                Err(failure) => Content::Failed(failure),
            },
            _ => Content::Wait,
        },
    });
    let kinds = vec![
        (FileKind::Branch, "Branch (JSON)".to_owned()),
        (FileKind::Rust, "Test in Rust".to_owned()),
        (FileKind::JavaScript, "Test in JavaScript".to_owned()),
    ];
    let about = move || match kind.get() {
        FileKind::Branch => {
            "The fork and its changes: to be taken in again, here or by somebody who has the same log.".to_owned()
        }
        _ => {
            let of = state_title(&app.whose_state());
            match chosen_range() {
                Some((a, b)) => format!(
                    "Given the state of {of} at {} and the events up to {}, then its state there.",
                    format::position(a),
                    format::position(b)
                ),
                None => format!(
                    "Given the state of {of} before the fork and the events of main, or those of the branch, then each state at {}.",
                    format::position(if desk.at_end.get() { app.head.get() } else { app.follows.details.get() })
                ),
            }
        }
    };
    let save = move |_| {
        if let Content::Text(text) = content.get_untracked() {
            desk.save_file(app, &text, kind.get_untracked().ending());
        }
    };
    let has_text = move || content.with(|content| matches!(content, Content::Text(_)));
    view! {
        <Dialog labelled_by="whatif-export" on_close=move || desk.form.set(None) class="lf-whatif__form">
            <Head id="whatif-export" title="Export branch".to_owned() />
            <div class="lf-dialog__body lf-dialog__pad lf-scroll">
                <Segmented label="File" options=kinds value=kind on_choose=move |next| kind.set(next) />
                {move || (kind.get() != FileKind::Branch).then(|| range.get()).flatten().map(|(a, b)| view! {
                    <label class="lf-check lf-whatif__range">
                        <input type="checkbox" prop:checked=is_range on:change:target=move |event| is_range.set(event.target().checked()) />
                        {format!("The range A–B of main instead: {} to {}", format::position(a), format::position(b))}
                    </label>
                })}
                <p class="lf-help">{about}</p>
                {move || match content.get() {
                    Content::Wait => view! { <Busy label="Writing the test" /> }.into_any(),
                    Content::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
                    Content::Text(text) => view! {
                        <pre class="lf-whatif__code lf-mono" tabindex="0" role="region" aria-label="Text of the file">{text}</pre>
                    }.into_any(),
                }}
            </div>
            <footer class="lf-dialog__foot">
                <span class="lf-grow lf-muted">"main is not changed"</span>
                <button type="button" class="lf-btn lf-btn--primary" aria-disabled=move || (!has_text()).then_some("true") on:click=save>
                    {icon("export")}"Save file"
                </button>
            </footer>
        </Dialog>
    }
}
