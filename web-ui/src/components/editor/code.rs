//! The code: CodeMirror, which is loaded when the panel is opened for the first time, or a plain field where it cannot be.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use super::KEYS;
use crate::components::controls::Busy;
use crate::state::{App, names};

const LABEL: &str = "Projection source, JavaScript";

#[wasm_bindgen(module = "/src/components/editor/load.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(from: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    type EditorModule;

    #[wasm_bindgen(method, catch)]
    fn open(
        this: &EditorModule,
        parent: &web_sys::Element,
        text: &str,
        label: &str,
        described_by: &str,
        heard: &js_sys::Object,
    ) -> Result<Editor, JsValue>;

    #[derive(Clone)]
    type Editor;

    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &Editor, text: &str);

    #[wasm_bindgen(method, js_name = setFault)]
    fn set_fault(this: &Editor, line: f64, column: f64, message: Option<&str>);

    #[wasm_bindgen(method, js_name = goTo)]
    fn go_to(this: &Editor, line: f64);

    #[wasm_bindgen(method, js_name = setNames)]
    fn set_names(this: &Editor, json: &str);

    #[wasm_bindgen(method)]
    fn close(this: &Editor);
}

/// An open editor, and what it calls.
struct Opened {
    editor: Editor,
    _changed: Closure<dyn Fn(String)>,
    _pressed: [Closure<dyn Fn()>; 2],
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.editor.close();
    }
}

/// How the editor comes about.
#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Open,
    Failed(String),
}

/// The code.
#[component]
pub(super) fn CodeEditor() -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    let host = NodeRef::<html::Div>::new();
    let opened = StoredValue::new_local(None::<Opened>);
    let stage = RwSignal::new(Stage::Loading);
    Effect::new(move |_| {
        let Some(host) = host.get() else { return };
        spawn_local(async move {
            let made = match load(&app.root.editor().unwrap_or_default()).await {
                // It may have been closed while it was loading.
                Ok(_) if !host.is_connected() => return,
                Ok(module) => open_in(app, &host, &module.unchecked_into()),
                Err(error) => Err(error),
            };
            let _ = match made {
                Ok(made) => {
                    opened.set_value(Some(made));
                    stage.try_set(Stage::Open)
                }
                Err(error) => stage.try_set(Stage::Failed(in_words(&error))),
            };
        });
    });
    on_cleanup(move || drop(opened.try_update_value(Option::take)));
    let with = move |act: &dyn Fn(&Editor)| {
        opened.with_value(|opened| {
            if let Some(opened) = opened {
                act(&opened.editor);
            }
        });
    };
    let is_open = Memo::new(move |_| stage.with(|stage| *stage == Stage::Open));
    Effect::new(move |_| {
        desk.replaced.track();
        if is_open.get() {
            let source = desk.source.get_untracked();
            with(&|editor| editor.set_text(&source));
        }
    });
    Effect::new(move |_| {
        let known = desk.known.get();
        if is_open.get() {
            let names = names(app, &known);
            with(&|editor| editor.set_names(&names));
        }
    });
    let fault = Memo::new(move |_| desk.work.with(|work| work.fault().map(|(fault, _)| fault.clone())));
    Effect::new(move |_| {
        let fault = fault.get();
        if !is_open.get() {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "the number of a line")]
        let number = |number: Option<u64>| number.unwrap_or_default() as f64;
        with(&|editor| match &fault {
            Some(fault) if fault.line.is_some() => {
                editor.set_fault(number(fault.line), number(fault.column), Some(&super::fault::at_line(fault)));
            }
            _ => editor.set_fault(0.0, 0.0, None),
        });
    });
    Effect::new(move |before: Option<u64>| {
        let (times, line) = desk.line_wanted.get();
        if before.is_some_and(|before| before != times) {
            #[expect(clippy::cast_precision_loss, reason = "the number of a line")]
            with(&|editor| editor.go_to(line as f64));
        }
        times
    });
    let plain = move |why: String| {
        view! {
            <p class="lf-help lf-editor__plain" role="alert">{format!("The code editor could not be loaded, so this is a plain field: {why}")}</p>
            <textarea class="lf-code__plain" aria-label=LABEL aria-describedby=KEYS spellcheck="false" prop:value=desk.source
                on:input:target=move |event| {
                    desk.source.set(event.target().value());
                    desk.keep_draft(app);
                }></textarea>
        }
    };
    view! {
        <div class="lf-code" role="group" aria-label="Source">
            <Show when=move || stage.with(|stage| *stage == Stage::Loading)><Busy label="Loading the editor" /></Show>
            <div class="lf-code__host" node_ref=host></div>
            {move || match stage.get() {
                Stage::Failed(why) => Some(plain(why)),
                _ => None,
            }}
        </div>
    }
}

fn open_in(app: App, host: &web_sys::Element, module: &EditorModule) -> Result<Opened, JsValue> {
    let desk = app.editor;
    let changed = Closure::<dyn Fn(String)>::new(move |text: String| {
        if desk.source.try_with_untracked(|source| *source != text) == Some(true) {
            desk.source.set(text);
            desk.keep_draft(app);
        }
    });
    let run = Closure::<dyn Fn()>::new(move || desk.run(app));
    let save = Closure::<dyn Fn()>::new(move || desk.save(app));
    let heard = js_sys::Object::new();
    for (name, function) in [("onChange", changed.as_ref()), ("onRun", run.as_ref()), ("onSave", save.as_ref())] {
        js_sys::Reflect::set(&heard, &name.into(), function)?;
    }
    let editor = module.open(host, &desk.source.get_untracked(), LABEL, KEYS, &heard)?;
    Ok(Opened { editor, _changed: changed, _pressed: [run, save] })
}

fn in_words(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "its file is not there".to_owned())
}
