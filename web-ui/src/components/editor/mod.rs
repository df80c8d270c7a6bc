//! The panel in which projections are written.

mod code;
mod compare;
mod dry_run;
mod fault;
mod moment;

use leptos::prelude::*;

use super::controls::{focus_when_there, icon};
use crate::model::format;
use crate::model::script::TEMPLATES;
use crate::model::texts::LONGEST_NAME;
use crate::state::browser::is_mac;
use crate::state::{App, Edited, Work};
use code::CodeEditor;
use compare::Comparison;
use dry_run::DryRun;
use moment::AtCursor;

/// The id of what tells of the keys in the code.
const KEYS: &str = "editor-keys";

/// The panel.
#[component]
pub(crate) fn EditorPanel() -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    let saved = Memo::new(move |_| desk.edited.get().and_then(|edited| edited.saved().map(str::to_owned)));
    let title = move || saved.get().map_or_else(|| "New projection".to_owned(), |name| format!("Edit {name}"));
    let is_running = Memo::new(move |_| desk.work.with(|work| matches!(work, Work::Running(_))));
    let has_run = Memo::new(move |_| desk.work.with(|work| *work != Work::Idle));
    let is_changed = Memo::new(move |_| desk.is_changed(app));
    // What replaces it may have the focus that it had.
    app.focus.watch(move || is_running.with(|_| ()));
    let name = focus_when_there();
    let command = if is_mac() { "⌘" } else { "Ctrl+" };
    let press = move |event: web_sys::KeyboardEvent| {
        if event.default_prevented() || event.alt_key() || !(event.ctrl_key() || event.meta_key()) {
            return;
        }
        match event.key().as_str() {
            "s" | "S" => desk.save(app),
            "Enter" => desk.run(app),
            _ => return,
        }
        event.prevent_default();
    };
    let begin = move |key: String| {
        if let Some(template) = TEMPLATES.iter().find(|template| template.name() == key) {
            desk.begin_with(app, *template);
        }
    };
    let delete = move |_| {
        if let Some(name) = saved.get_untracked() {
            desk.delete(app, &name);
        }
    };
    view! {
        <aside class="lf-pane lf-editor" id="projection-editor" aria-labelledby="editor-title" data-after="#new-projection" on:keydown=press>
            <div class="lf-pane__head">
                <h2 class="lf-pane__title lf-clip" id="editor-title">{title}</h2>
                <span class="lf-grow"></span>
                <span class="lf-badge lf-badge--outline">"JavaScript"</span>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Take the text of a file" title="Take the text of a file"
                    on:click=move |_| desk.choose_file(app)>{icon("import")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Export as a file" title="Export as a file"
                    on:click=move |_| desk.export(app, &desk.name.get_untracked(), &desk.source.get_untracked())>{icon("export")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Close editor" title="Close editor: what you typed is kept"
                    on:click=move |_| desk.close(app)>{icon("x")}</button>
            </div>
            <div class="lf-editor__form">
                <div>
                    <label class="lf-label" for="editor-name">"Name"</label>
                    <div class="lf-field" class:lf-field--invalid=move || desk.unsaved.with(Option::is_some)>
                        <input class="lf-field__input" id="editor-name" autocomplete="off" spellcheck="false" maxlength=LONGEST_NAME.to_string()
                            node_ref=name aria-describedby="editor-unsaved" aria-invalid=move || desk.unsaved.with(Option::is_some).then_some("true")
                            prop:value=desk.name
                            on:input:target=move |event| {
                                desk.name.set(event.target().value());
                                desk.unsaved.set(None);
                                desk.keep_draft(app);
                            } />
                    </div>
                </div>
                <div>
                    <label class="lf-label" for="editor-template">"Begin with"</label>
                    <span class="lf-select lf-editor__template">
                        <select class="lf-select__el" id="editor-template" prop:value=move || { desk.edited.track(); "" }
                            on:change:target=move |event| begin(event.target().value())>
                            <option value="">"A template…"</option>
                            {TEMPLATES.map(|template| view! { <option value=template.name()>{template.label()}</option> }).collect_view()}
                        </select>
                        {icon("chevron-down")}
                    </span>
                </div>
                <p class="lf-help lf-help--error lf-editor__unsaved" id="editor-unsaved" role="alert">
                    {move || desk.unsaved.get().map(|why| format!("Not saved: {why}."))}
                </p>
            </div>
            <CodeEditor />
            <p class="lf-editor__keys" id=KEYS>
                {format!("Tab indents; Esc, then Tab leaves the code. {command}Enter runs, {command}S saves.")}
            </p>
            <div class="lf-editor__below lf-scroll" tabindex="0" role="group" aria-label="What it gives">
                <DryRun />
                <Show when=move || has_run.get()><AtCursor /></Show>
                <Comparison />
            </div>
            <div class="lf-pane__foot lf-editor__foot">
                {move || if is_running.get() {
                    view! { <button type="button" class="lf-btn" on:click=move |_| desk.cancel_run()>{icon("stop")}"Cancel run"</button> }.into_any()
                } else {
                    view! {
                        <button type="button" class="lf-btn" title=move || format!("Fold the log up to {}; nothing is stored", format::position(app.cursor.get()))
                            on:click=move |_| desk.run(app)>
                            {icon("play")}{move || if has_run.get() { "Run again" } else { "Run" }}
                        </button>
                    }.into_any()
                }}
                <Show when=move || saved.with(Option::is_some)>
                    <button type="button" class="lf-btn lf-btn--ghost" on:click=delete>{icon("trash")}"Delete"</button>
                </Show>
                <div class="lf-grow"></div>
                <span class="lf-muted" role="status">{move || (!is_changed.get()).then_some("Saved")}</span>
                <Show when=move || is_changed.get()>
                    <button type="button" class="lf-btn lf-btn--ghost" data-after="#editor-name" on:click=move |_| desk.discard(app)>
                        {move || if desk.edited.get() == Some(Edited::New) { "Start over" } else { "Discard changes" }}
                    </button>
                </Show>
                <button type="button" class="lf-btn lf-btn--primary" on:click=move |_| desk.save(app)>"Save"</button>
            </div>
        </aside>
    }
}
