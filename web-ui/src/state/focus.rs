//! Where the focus goes when what had it is taken away, hidden or disabled: near to where it was, never to the top of the page.
//!
//! An element may say in `data-after` where the focus of what is inside of it goes: a CSS selector. Else it is what stands next to
//! what went, in the smallest part of the page that is still there.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::root::{Root, target_of};

/// Frames until what replaces something is there, and until it is given up.
const SOON: u32 = 3;
const LATE: u32 = 14;
const CONTROLS: &str = "a[href], button, input, select, textarea, summary, [tabindex]";
/// Parts of a page that take the focus as a whole, before it leaves them.
const PARTS: &str = "#main, header, .lf-pane, .lf-dock";
/// The middle of the page.
const MIDDLE: &str = "#main";
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

/// Watches over the focus.
#[derive(Clone, Copy)]
pub(crate) struct Focus {
    root: Root,
    kept: StoredValue<Kept, LocalStorage>,
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

impl Focus {
    pub(super) fn new(root: Root) -> Self {
        Self { root, kept: StoredValue::new_local(Kept::default()) }
    }

    /// Begins to watch, for as long as the page lives.
    pub(super) fn run(self) {
        self.root.listen(ev::focusin, move |event| {
            let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
            let Some(frame) = self.root.frame().filter(|frame| !frame.is_same_node(Some(&element))) else { return };
            let trail = Trail::of(element, &frame);
            self.update(|kept| {
                if !trail.is_passing() {
                    kept.home = Some(trail.clone());
                }
                kept.last = Some(trail);
            });
        });
        self.root.listen(ev::pointerdown, move |_| self.update(|kept| kept.is_pointer = true));
        self.root.listen(ev::keydown, move |_| self.update(|kept| kept.is_pointer = false));
        self.root.listen(ev::keyup, move |_| self.look());
        self.root.listen(ev::click, move |_| self.look());
        self.root.listen(ev::focusout, move |_| self.look());
        if !self.root.is_page() {
            // Who has gone on to something else on the page is not called back.
            let leave = move |event: &web_sys::Event| {
                let is_inside =
                    |frame: HtmlElement| target_of(event).is_some_and(|target| frame.contains(Some(&target)));
                if !self.root.frame().is_some_and(is_inside) {
                    self.update(|kept| (kept.last, kept.home) = (None, None));
                }
            };
            let focused = window_event_listener(ev::focusin, move |event| leave(&event));
            let pointed = window_event_listener(ev::pointerdown, move |event| leave(&event));
            on_cleanup(move || {
                focused.remove();
                pointed.remove();
            });
        }
    }

    fn with<T: Default>(self, ask: impl FnOnce(&Kept) -> T) -> T {
        self.kept.try_with_value(ask).unwrap_or_default()
    }

    fn update<T: Default>(self, change: impl FnOnce(&mut Kept) -> T) -> T {
        self.kept.try_update_value(change).unwrap_or_default()
    }

    /// Looks, some frames from now, whether the focus was lost. To be called where something may take the place of what has the
    /// focus without anybody pressing anything.
    pub(crate) fn look(self) {
        let is_looking = self.update(|kept| std::mem::replace(&mut kept.is_looking, true));
        if !is_looking {
            self.look_in(0);
        }
    }

    /// [Looks](Self::look) whenever something changes that is read.
    pub(crate) fn watch(self, read: impl Fn() + 'static) {
        Effect::new(move |_| {
            read();
            self.look();
        });
    }

    fn look_in(self, frame: u32) {
        request_animation_frame(move || {
            if frame + 1 < SOON || !self.settle(frame >= LATE) {
                self.look_in(frame + 1);
            } else {
                self.update(|kept| kept.is_looking = false);
            }
        });
    }

    /// Gives the focus to somebody, if nobody has it who should. `false` when who should is not there yet.
    fn settle(self, is_late: bool) -> bool {
        if self.root.active().is_some() || self.root.is_elsewhere() {
            return true;
        }
        // A dialog that has just gone gives it back in a moment.
        if self.with(|kept| kept.returning.is_some()) {
            return false;
        }
        let lost = self.with(|kept| kept.last.clone()).filter(|trail| !is_control(&trail.element));
        let Some(lost) = lost else { return true };
        lost.go_back(self, is_late)
    }

    /// Focuses what a selector finds, else the middle of the page.
    pub(crate) fn go_to(self, selector: &str) {
        match (self.root.find(selector).and_then(control), self.root.find(MIDDLE)) {
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
    pub(crate) fn opener(self) -> Option<Trail> {
        if let (Some(active), Some(frame)) = (self.root.active(), self.root.frame()) {
            return Some(Trail::of(active, &frame));
        }
        self.with(|kept| {
            let lost = kept.last.as_ref().filter(|trail| !is_control(&trail.element));
            kept.returning.as_ref().or(lost).cloned()
        })
    }

    /// Gives the focus back to what a dialog was opened from, in the next frame.
    pub(crate) fn give_back(self, opener: Option<Trail>) {
        self.update(|kept| kept.returning.clone_from(&opener));
        request_animation_frame(move || {
            self.update(|kept| kept.returning = None);
            let is_free = self.root.active().is_none() && !self.root.is_elsewhere();
            let Some(opener) = opener.filter(|_| is_free) else { return };
            if is_control(&opener.element) {
                let _ = opener.element.focus();
            } else {
                self.update(|kept| kept.last = Some(opener));
                self.look();
            }
        });
    }
}

impl Trail {
    fn of(element: HtmlElement, frame: &HtmlElement) -> Self {
        let mut steps = Vec::new();
        let mut at = Some(Element::from(element.clone()));
        while let Some(element) = at.filter(|element| !element.is_same_node(Some(frame))) {
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
    fn go_back(&self, focus: Focus, is_late: bool) -> bool {
        let is_pointer = focus.with(|kept| kept.is_pointer);
        if let Some(dialog) = focus.root.find_last("dialog[open]").filter(|dialog| !self.is_in(dialog)) {
            return give(within(&dialog));
        }
        // A pointer goes on from anywhere; only the place on the page is kept, and nothing scrolls or begins to take text.
        if is_pointer && !self.is_passing() {
            return self.part(focus.root).is_some_and(|part| rest_on(&part));
        }
        let hints = || self.steps.iter().filter_map(|step| step.element.get_attribute("data-after"));
        let hinted = hints().find_map(|hint| focus.root.find(&hint).and_then(control));
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
            if gone.is_some_and(|gone| gone.element.matches(MIDDLE).unwrap_or(false)) {
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
        let home = focus.with(|kept| kept.home.clone()).filter(|_| self.is_passing());
        match home {
            Some(home) if is_control(&home.element) => give(Some(home.element)),
            Some(home) => home.go_back(focus, is_late),
            None => self.part(focus.root).is_none_or(|part| rest_on(&part)),
        }
    }

    fn is_in(&self, whole: &Element) -> bool {
        self.steps.iter().any(|step| step.element.is_same_node(Some(whole)))
    }

    /// The part of the page that it was in, else its middle.
    fn part(&self, root: Root) -> Option<Element> {
        let part = self.steps.iter().map(|step| &step.element).find(|element| is_part(element) && is_there(element));
        part.cloned().or_else(|| root.find(MIDDLE))
    }
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
