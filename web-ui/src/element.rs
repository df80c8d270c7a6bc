//! The debugger in the shadow root of an element: what `embed/leftfold-debugger.js` calls.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::components::Page;
use crate::state::browser::{next_frame, sleep};
use crate::state::{App, Root, Theme};

/// The attribute of the body of the page that is the debugger's own.
pub(crate) const PAGE: &str = "data-leftfold-page";
/// How long after its store was let go of a view is kept, unseen: what still waits in it, such as the end of a note, finds what
/// it waits for. Longer than any of that lasts, and then some frames.
const REST_MS: u64 = 20_000;
const REST_FRAMES: u32 = 30;

/// A debugger that was mounted.
#[wasm_bindgen(js_name = MountedDebugger)]
pub struct MountedDebugger {
    app: App,
    view: RefCell<Option<Box<dyn Any>>>,
}

#[wasm_bindgen(js_class = MountedDebugger)]
impl MountedDebugger {
    /// Mounts a debugger into an empty element with the class `lf-page`, whose root has the style sheet. `load_editor` gives a
    /// promise of the module of the code editor.
    ///
    /// # Errors
    /// A message, when it could not be made.
    #[wasm_bindgen(constructor)]
    pub fn new(frame: HtmlElement, load_editor: js_sys::Function) -> Result<MountedDebugger, JsError> {
        let made = Rc::new(Cell::new(None));
        let making = Rc::clone(&made);
        let view = mount_to(frame.clone(), move || {
            making.set(Some(App::provide(Root::embedded(frame, load_editor.into()))));
            view! { <Page /> }
        });
        let app = made.get().ok_or_else(|| JsError::new("the debugger could not be mounted"))?;
        Ok(Self { app, view: RefCell::new(Some(Box::new(view))) })
    }

    /// Shows the store of this name. A store that there is not is waited for, and never made; without a name none is shown.
    pub fn open(&self, store: Option<String>) {
        if self.view.borrow().is_some() {
            self.app.show_store(store.filter(|name| !name.is_empty()));
        }
    }

    /// Shows the theme `light` or `dark`, or that of the system.
    #[wasm_bindgen(js_name = setTheme)]
    pub fn set_theme(&self, name: Option<String>) {
        if self.view.borrow().is_some() {
            self.app.show_theme(Theme::named(name.as_deref()));
        }
    }

    /// Lets go of everything; once more does nothing. Fulfilled when the store is closed.
    pub fn unmount(&self) -> js_sys::Promise {
        let view = self.view.borrow_mut().take();
        let app = self.app;
        wasm_bindgen_futures::future_to_promise(async move {
            if let Some(view) = view {
                app.shut().await;
                leptos::task::spawn_local(async move {
                    sleep(REST_MS).await;
                    for _ in 0..REST_FRAMES {
                        next_frame().await;
                    }
                    drop(view);
                });
            }
            Ok(JsValue::UNDEFINED)
        })
    }
}
