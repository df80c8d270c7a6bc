//! Where the focus goes when what had it is taken away, hidden or disabled: near to where it was, never to the top of the page.
//!
//! An element may say in `data-after` where the focus of what is inside of it goes: a CSS selector. Else it is what stands next to
//! what went, in the smallest part of the page that is still there.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Frames until what replaces something is there, and until it is given up.
const SOON: u32 = 3;
const LATE: u32 = 14;
const CONTROLS: &str = "a[href], button, input, select, textarea, summary, [tabindex]";
/// Parts of a page that take the focus as a whole, before it leaves them.
const PARTS: &str = "main, header, .lf-pane, .lf-dock";
/// What lies over the page for a moment: who leaves it goes back to where they came from.
const PASSING: &str = ".lf-toasts";

#[derive(Default)]
struct Kept {
    last: Option<Trail>,
    /// The last one that was not in something passing.
    home: Option<Trail>,
    /// What a dialog that has just gone was opened from.
    returning: Option<Trail>,
    is_pointer: bool,
    is_looking: bool,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// An element that has or had the focus, and what is around it.
#[derive(Clone)]
pub(crate) struct Trail {
    element: HtmlElement,
    /// From the element to the top of the page.
    steps: Vec<Step>,
}

#[derive(Clone)]
struct Step {
    element: Element,
    next: Option<Element>,
    before: Option<Element>,
}

/// Watches over the focus for as long as the page lives.
pub(super) fn run() {
    let focused = window_event_listener(ev::focusin, |event| {
        let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        let trail = Trail::of(element);
        KEPT.with_borrow_mut(|kept| {
            if !trail.is_passing() {
                kept.home = Some(trail.clone());
            }
            kept.last = Some(trail);
        });
    });
    let pointed = window_event_listener(ev::pointerdown, |_| KEPT.with_borrow_mut(|kept| kept.is_pointer = true));
    let pressed = window_event_listener(ev::keydown, |_| KEPT.with_borrow_mut(|kept| kept.is_pointer = false));
    let released = window_event_listener(ev::keyup, |_| look());
    let clicked = window_event_listener(ev::click, |_| look());
    let left = window_event_listener(ev::focusout, |_| look());
    on_cleanup(move || {
        focused.remove();
        pointed.remove();
        pressed.remove();
        released.remove();
        clicked.remove();
        left.remove();
    });
}

/// Looks, some frames from now, whether the focus was lost. To be called where something may take the place of what has the focus
/// without anybody pressing anything.
pub(crate) fn look() {
    let is_looking = KEPT.with_borrow_mut(|kept| std::mem::replace(&mut kept.is_looking, true));
    if !is_looking {
        look_in(0);
    }
}

/// [Looks](look) whenever something changes that is read.
pub(crate) fn watch(read: impl Fn() + 'static) {
    Effect::new(move |_| {
        read();
        look();
    });
}

fn look_in(frame: u32) {
    request_animation_frame(move || {
        if frame + 1 < SOON || !settle(frame >= LATE) {
            look_in(frame + 1);
        } else {
            KEPT.with_borrow_mut(|kept| kept.is_looking = false);
        }
    });
}

/// Gives the focus to somebody, if nobody has it who should. `false` when who should is not there yet.
fn settle(is_late: bool) -> bool {
    if active().is_some() {
        return true;
    }
    // A dialog that has just gone gives it back in a moment.
    if KEPT.with_borrow(|kept| kept.returning.is_some()) {
        return false;
    }
    let lost = KEPT.with_borrow(|kept| kept.last.clone()).filter(|trail| !is_control(&trail.element));
    let Some(lost) = lost else { return true };
    lost.go_back(is_late)
}

/// What has the focus, if it is more than the page.
fn active() -> Option<HtmlElement> {
    let active = document().active_element()?.dyn_into::<HtmlElement>().ok()?;
    (active.tag_name() != "BODY").then_some(active)
}

/// Focuses what a selector finds, else the middle of the page.
pub(crate) fn go_to(selector: &str) {
    let wanted = document().query_selector(selector).ok().flatten().and_then(control);
    match (wanted, document().get_element_by_id("main")) {
        (Some(wanted), _) => {
            let _ = wanted.focus();
        }
        (None, Some(main)) => {
            rest_on(&main);
        }
        (None, None) => {}
    }
}

/// What a dialog is opened from.
pub(crate) fn opener() -> Option<Trail> {
    if let Some(active) = active() {
        return Some(Trail::of(active));
    }
    KEPT.with_borrow(|kept| {
        let lost = kept.last.as_ref().filter(|trail| !is_control(&trail.element));
        kept.returning.as_ref().or(lost).cloned()
    })
}

/// Gives the focus back to what a dialog was opened from, in the next frame.
pub(crate) fn give_back(opener: Option<Trail>) {
    KEPT.with_borrow_mut(|kept| kept.returning.clone_from(&opener));
    request_animation_frame(move || {
        KEPT.with_borrow_mut(|kept| kept.returning = None);
        let Some(opener) = opener.filter(|_| active().is_none()) else { return };
        if is_control(&opener.element) {
            let _ = opener.element.focus();
        } else {
            KEPT.with_borrow_mut(|kept| kept.last = Some(opener));
            look();
        }
    });
}

impl Trail {
    fn of(element: HtmlElement) -> Self {
        let mut steps = Vec::new();
        let mut at = Some(Element::from(element.clone()));
        while let Some(element) = at.filter(|element| element.tag_name() != "BODY") {
            let (next, before) = (element.next_element_sibling(), element.previous_element_sibling());
            at = element.parent_element();
            steps.push(Step { element, next, before });
        }
        Self { element, steps }
    }

    fn is_passing(&self) -> bool {
        self.steps.iter().any(|step| step.element.matches(PASSING).unwrap_or(false))
    }

    /// Gives the focus to what is nearest to where it was. `false` when that is not there yet.
    fn go_back(&self, is_late: bool) -> bool {
        let is_pointer = KEPT.with_borrow(|kept| kept.is_pointer);
        if let Some(dialog) = open_dialog().filter(|dialog| !self.is_in(dialog)) {
            return give(within(&dialog));
        }
        // A pointer goes on from anywhere; only the place on the page is kept, and nothing scrolls or begins to take text.
        if is_pointer && !self.is_passing() {
            return self.part().is_some_and(|part| rest_on(&part));
        }
        let hints = || self.steps.iter().filter_map(|step| step.element.get_attribute("data-after"));
        let hinted = hints().find_map(|hint| document().query_selector(&hint).ok().flatten().and_then(control));
        if hinted.is_some() {
            return give(hinted);
        }
        if hints().next().is_some() && !is_late {
            return false;
        }
        let mut gone: Option<&Step> = None;
        for step in &self.steps {
            if step.element.matches(PASSING).unwrap_or(false) {
                break;
            }
            if !is_there(&step.element) {
                gone = Some(step);
                continue;
            }
            if gone.is_some_and(|gone| gone.element.tag_name() == "MAIN") {
                break;
            }
            let beside = gone.and_then(|gone| {
                let beside = [gone.next.as_ref(), gone.before.as_ref()].into_iter().flatten();
                beside.filter(|element| is_there(element)).find_map(within)
            });
            let found = beside.or_else(|| (!is_part(&step.element)).then(|| within(&step.element)).flatten());
            if found.is_some() {
                return give(found);
            }
            if is_part(&step.element) {
                return rest_on(&step.element);
            }
            gone = Some(step);
        }
        let home = KEPT.with_borrow(|kept| kept.home.clone()).filter(|_| self.is_passing());
        match home {
            Some(home) if is_control(&home.element) => give(Some(home.element)),
            Some(home) => home.go_back(is_late),
            None => self.part().is_none_or(|part| rest_on(&part)),
        }
    }

    fn is_in(&self, whole: &Element) -> bool {
        self.steps.iter().any(|step| step.element.is_same_node(Some(whole)))
    }

    /// The part of the page that it was in, else its middle.
    fn part(&self) -> Option<Element> {
        let part = self.steps.iter().map(|step| &step.element).find(|element| is_part(element) && is_there(element));
        part.cloned().or_else(|| document().get_element_by_id("main"))
    }
}

fn open_dialog() -> Option<Element> {
    let open = document().query_selector_all("dialog[open]").ok()?;
    open.item(open.length().checked_sub(1)?)?.dyn_into().ok()
}

fn give(element: Option<HtmlElement>) -> bool {
    element.is_none_or(|element| element.focus().is_ok())
}

/// Focuses a part as a whole.
fn rest_on(part: &Element) -> bool {
    let _ = part.set_attribute("tabindex", "-1");
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = part.dyn_ref::<HtmlElement>().map(|part| part.focus_with_options(&options));
    true
}

/// The control in an element that takes the focus first.
fn within(whole: &Element) -> Option<HtmlElement> {
    let all = |selector: &str| {
        let found = whole.query_selector_all(selector).ok();
        let found = found.into_iter().flat_map(|list| (0..list.length()).filter_map(move |at| list.item(at)));
        found.filter_map(|node| node.dyn_into::<Element>().ok()).collect::<Vec<_>>()
    };
    let itself = || control(whole.clone());
    all("[autofocus]")
        .into_iter()
        .find_map(control)
        .or_else(itself)
        .or_else(|| all(CONTROLS).into_iter().find_map(control))
}

fn control(element: Element) -> Option<HtmlElement> {
    element.dyn_into::<HtmlElement>().ok().filter(is_control)
}

/// Whether the keyboard can reach it now.
fn is_control(element: &HtmlElement) -> bool {
    let is = |selector| element.matches(selector).unwrap_or(false);
    is_there(element) && is(CONTROLS) && !is(":disabled") && element.tab_index() >= 0
}

/// Whether it is on the page and seen. What is without size may still have the focus, as a list without rows has.
fn is_there(element: &Element) -> bool {
    if !element.is_connected() {
        return false;
    }
    let style = window().get_computed_style(element).ok().flatten();
    let is_shown = style
        .is_none_or(|style| style.get_property_value("visibility").is_ok_and(|visibility| visibility == "visible"));
    let bounds = element.get_bounding_client_rect();
    is_shown && (bounds.width() > 0.0 || bounds.height() > 0.0 || element.child_element_count() > 0 && has_box(element))
}

/// Whether something inside of it has a size: a `display: contents` form has none itself.
fn has_box(element: &Element) -> bool {
    element.first_element_child().is_some_and(|child| {
        let bounds = child.get_bounding_client_rect();
        bounds.width() > 0.0 || bounds.height() > 0.0
    })
}

fn is_part(element: &Element) -> bool {
    element.matches(PARTS).unwrap_or(false)
}
