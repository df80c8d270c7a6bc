//! Elements written by hand, where a frame has room for what differs and for nothing else.

use leptos::prelude::document;
use web_sys::Element;

/// A new element. `None` where the browser refuses to make one.
pub(crate) fn make(tag: &str, class: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    Some(element)
}

/// Sets an attribute. Its name is a valid one, so that nothing is refused.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Sets an attribute, or takes it away.
pub(crate) fn set_or_remove(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => set(element, name, value),
        None => {
            let _ = element.remove_attribute(name);
        }
    }
}
