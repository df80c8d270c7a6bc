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

/// Goes to the next part that is shown and takes the focus, or to the one before, and round at the ends. Whether there is one.
pub(super) fn go_on(root: Root, is_backwards: bool) -> bool {
    let Some(frame) = root.frame() else { return false };
    let mut panes = all(&frame, PANES);
    if is_backwards {
        panes.reverse();
    }
    let active = root.active();
    let now = panes.iter().position(|pane| active.as_ref().is_some_and(|active| pane.contains(Some(active))));
    // From the one behind this on, round to this one.
    panes.rotate_left(now.map_or(0, |now| now + 1));
    panes.iter().any(|pane| enter(root, pane))
}

/// Gives the focus to what has it first in a part. Whether something took it: what is disabled or inert does not.
fn enter(root: Root, pane: &HtmlElement) -> bool {
    let others = all(pane, ANY).into_iter().filter(|it| it.tab_index() >= 0);
    let mut targets = all(pane, FIRST).into_iter().chain(others).filter(is_shown);
    targets.any(|it| it.focus().is_ok() && root.active().is_some_and(|active| it.is_same_node(Some(&active))))
}

fn is_shown(element: &HtmlElement) -> bool {
    let bounds = element.get_bounding_client_rect();
    bounds.width() > 0.0 && bounds.height() > 0.0
}

fn all(within: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}
