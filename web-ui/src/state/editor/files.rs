//! Projections as files: out of the page, and into it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::EditorDesk;
use crate::model::texts::LONGEST_SOURCE;
use crate::state::browser::save_file;
use crate::state::{App, Trouble};

impl EditorDesk {
    /// Hands a projection to the browser, to be saved as a file.
    pub(crate) fn export(self, app: App, name: &str, source: &str) {
        let name = if name.trim().is_empty() { "projection" } else { name.trim() };
        let file_name = format!("{}.js", name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "-"));
        let parts = js_sys::Array::of1(&source.into());
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("text/javascript");
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok();
        if blob.and_then(|blob| save_file(&blob, &file_name)).is_none() {
            app.complain("Projection not exported", Trouble::new("The browser gave no file.", "aborted"));
        }
    }

    /// Lets a person choose a file, whose text takes the place of what was typed.
    pub(crate) fn choose_file(self, app: App) {
        let input = document().create_element("input").ok();
        let Some(input) = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        input.set_type("file");
        input.set_accept(".js,.mjs,.txt,text/javascript");
        let chosen = input.clone();
        let changed = Closure::once_into_js(move || {
            if let Some(file) = chosen.files().and_then(|files| files.item(0)) {
                spawn_local(self.take(app, file));
            }
        });
        input.set_onchange(Some(changed.unchecked_ref()));
        input.click();
    }

    async fn take(self, app: App, file: web_sys::File) {
        let refused = |message: String| app.complain("Projection not imported", Trouble::new(message, "invalid-input"));
        let epoch = app.epoch();
        #[expect(clippy::cast_precision_loss, reason = "a length")]
        if file.size() > LONGEST_SOURCE as f64 {
            return refused(format!("{} is longer than {LONGEST_SOURCE} bytes.", file.name()));
        }
        let Ok(text) = JsFuture::from(file.text()).await else {
            return refused(format!("{} could not be read.", file.name()));
        };
        if app.epoch() != epoch || self.edited.with_untracked(Option::is_none) {
            return;
        }
        self.put_text(text.as_string().unwrap_or_default());
        if self.name.with_untracked(|name| name.trim().is_empty()) {
            let name = file.name();
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            self.name.set(self.free_name(app, stem));
        }
        self.keep_draft(app);
    }
}
