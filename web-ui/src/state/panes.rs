//! From part to part of the page by keyboard.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::Root;

/// The parts.
const PANES: &str = ".lf-pane, .lf-dock";
/// What has the focus first in a part that has one of these: the search of the rail, the row of the cursor, the tab that is open,
/// the playhead.
const FIRST: &str =
    "#facet-search, [role=grid] [aria-current=true], .lf-insp [role=tab][aria-selected=true], #playhead";
const ANY: &str = "a[href], button, input, select, textarea, [tabindex='0']";

/// Goes to the next part that is shown, or to the one before, and round at the ends. Whether there is one.
pub(super) fn go_on(root: Root, backwards: bool) -> bool {
    let Some(frame) = root.frame() else { return false };
    let panes = all(&frame, PANES);
    let targets: Vec<(HtmlElement, HtmlElement)> = panes
        .into_iter()
        .filter_map(|pane| Some((target(&pane)?, pane)))
        .map(|(target, pane)| (pane, target))
        .collect();
    let active = root.active();
    let now = targets.iter().position(|(pane, _)| active.as_ref().is_some_and(|active| pane.contains(Some(active))));
    let count = targets.len();
    let next = match (now, backwards) {
        _ if count == 0 => return false,
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(now), false) => (now + 1) % count,
        (Some(now), true) => (now + count - 1) % count,
    };
    targets[next].1.focus().is_ok()
}

fn target(pane: &HtmlElement) -> Option<HtmlElement> {
    let first = all(pane, FIRST).into_iter().next();
    first.filter(is_shown).or_else(|| all(pane, ANY).into_iter().find(|it| it.tab_index() >= 0 && is_shown(it)))
}

fn is_shown(element: &HtmlElement) -> bool {
    let bounds = element.get_bounding_client_rect();
    bounds.width() > 0.0 && bounds.height() > 0.0
}

fn all(within: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}
