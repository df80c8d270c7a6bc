//! Where the debugger stands: in the body of a page of its own, or in an element of somebody else's page.
//!
//! What it looks for, listens to and measures is its own part of the document; the rest belongs to whoever wrote that page.

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlElement, Node};

use super::App;

/// What everything stands in, to be copied about. After the view is gone it finds nothing.
#[derive(Clone, Copy)]
pub(crate) struct Root(StoredValue<Place, LocalStorage>);

struct Place {
    frame: HtmlElement,
    is_page: bool,
    /// What loads the code editor, where the page does not know its address.
    editor: JsValue,
}

impl Root {
    /// A page of its own, in the body of the document.
    pub(crate) fn page(body: HtmlElement) -> Self {
        Self(StoredValue::new_local(Place { frame: body, is_page: true, editor: JsValue::UNDEFINED }))
    }

    /// An element in the shadow root of somebody else's page.
    pub(crate) fn embedded(frame: HtmlElement, editor: JsValue) -> Self {
        Self(StoredValue::new_local(Place { frame, is_page: false, editor }))
    }

    /// Where the code editor is: the address of its file, or a function that loads it.
    pub(crate) fn editor(self) -> Option<JsValue> {
        if !self.is_page() {
            return self.0.try_with_value(|place| place.editor.clone());
        }
        let named = document().query_selector("script[data-leftfold-editor]").ok().flatten()?;
        let base = document().base_uri().ok().flatten()?;
        web_sys::Url::new_with_base(&named.get_attribute("src")?, &base).ok().map(|url| url.href().into())
    }

    /// Whether the document is its own, with its address, its title and all of its keys.
    pub(crate) fn is_page(self) -> bool {
        self.0.try_with_value(|place| place.is_page).unwrap_or_default()
    }

    /// The role of the middle: a page has one main part, and in an element that is none of its parts.
    pub(crate) fn main_role(self) -> Option<&'static str> {
        self.is_page().then_some("main")
    }

    /// What everything stands in.
    pub(crate) fn frame(self) -> Option<HtmlElement> {
        self.0.try_with_value(|place| place.frame.clone())
    }

    /// The first element that a selector finds.
    pub(crate) fn find(self, selector: &str) -> Option<Element> {
        self.frame()?.query_selector(selector).ok()?
    }

    /// The last element that a selector finds.
    pub(crate) fn find_last(self, selector: &str) -> Option<Element> {
        let found = self.frame()?.query_selector_all(selector).ok()?;
        found.item(found.length().checked_sub(1)?)?.dyn_into().ok()
    }

    /// What has the focus, if it is something inside.
    pub(crate) fn active(self) -> Option<HtmlElement> {
        let frame = self.frame()?;
        let active = active_of(&frame.get_root_node())?;
        (frame.contains(Some(&active)) && !frame.is_same_node(Some(&active))).then_some(active)
    }

    /// Whether something else on the page has the focus, to be left where it is.
    pub(crate) fn is_elsewhere(self) -> bool {
        if self.is_page() {
            return false;
        }
        let mut active = active_of(&document());
        // Of what is in a shadow root, the document knows the element that has it.
        while let Some(inner) = active.as_ref().and_then(shadow_of).as_ref().and_then(active_of) {
            active = Some(inner);
        }
        let is_inside = |active: &HtmlElement| self.frame().is_some_and(|frame| frame.contains(Some(active)));
        active.is_some_and(|active| active.tag_name() != "BODY" && !is_inside(&active))
    }

    /// Listens for as long as the component that asks is there: on the whole page where it is its own, else to what happens inside.
    pub(crate) fn listen<E>(self, event: E, hear: impl Fn(E::EventType) + 'static)
    where
        E: EventDescriptor + 'static,
        E::EventType: JsCast,
    {
        let target = if self.is_page() { Some(window().into()) } else { self.frame().map(EventTarget::from) };
        let Some(target) = target else { return };
        let name = event.name();
        let heard = Closure::<dyn Fn(Event)>::new(move |event: Event| hear(event.unchecked_into()));
        if target.add_event_listener_with_callback(&name, heard.as_ref().unchecked_ref()).is_err() {
            return;
        }
        let kept = StoredValue::new_local(Some((target, heard)));
        on_cleanup(move || {
            if let Some((target, heard)) = kept.try_update_value(Option::take).flatten() {
                let _ = target.remove_event_listener_with_callback(&name, heard.as_ref().unchecked_ref());
            }
        });
    }

    /// A length that the style sheets give as a custom property, in CSS pixels.
    pub(crate) fn css_pixels(self, token: &str) -> Option<f64> {
        // What depends on the room that there is, is said of what stands in the frame.
        let inside = self.find(".lf-app").or_else(|| self.frame().map(Element::from))?;
        let style = window().get_computed_style(&inside).ok()??;
        style.get_property_value(token).ok()?.trim().trim_end_matches("px").parse().ok()
    }

    /// Whether one pane is shown at a time, as the style sheets have it.
    pub(super) fn is_narrow(self) -> bool {
        self.frame().is_some_and(|frame| frame.client_width() <= NARROW)
    }

    /// Says which theme is shown; `None` is that of the system.
    pub(crate) fn set_theme(self, name: Option<&str>) {
        let themed = if self.is_page() { document().document_element() } else { self.frame().map(Element::from) };
        let Some(themed) = themed else { return };
        let _ = match name {
            Some(name) => themed.set_attribute("data-theme", name),
            None => themed.remove_attribute("data-theme"),
        };
    }
}

impl App {
    /// Keeps [`App::is_narrow`] in step with the room that there is.
    pub(super) fn watch_width(self) {
        let Some(frame) = self.root.frame() else { return };
        let changed = Closure::<dyn Fn()>::new(move || {
            let is_narrow = self.root.is_narrow();
            if self.is_narrow.try_get_untracked().is_some_and(|before| before != is_narrow) {
                self.is_narrow.set(is_narrow);
            }
        });
        let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
        observer.observe(&frame);
        let kept = StoredValue::new_local(Some((observer, changed)));
        on_cleanup(move || {
            if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                observer.disconnect();
            }
        });
    }
}

/// The width up to which a page is narrow: `@container lf-page (max-width: 900px)`.
const NARROW: i32 = 900;

/// What has the focus in a document or a shadow root.
fn active_of(root: &Node) -> Option<HtmlElement> {
    js_sys::Reflect::get(root, &"activeElement".into()).ok()?.dyn_into().ok()
}

fn shadow_of(host: &HtmlElement) -> Option<Node> {
    js_sys::Reflect::get(host, &"shadowRoot".into()).ok()?.dyn_into().ok()
}

/// What an event happened to, even if it is heard outside of the shadow root that it happened in.
pub(crate) fn target_of(event: &Event) -> Option<Element> {
    let first: JsValue = event.composed_path().get(0);
    first.dyn_into().ok()
}
