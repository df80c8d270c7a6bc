//! What the address of the page keeps: everything that another person must have to see the same.

use leftfold_core::Position;

use super::breakpoint::{Breakpoint, LONGEST, Over};
use super::filter::{Facet, Filter, Rule};
use super::place::{InspectorTab, PageView, View};
use super::timeline::Axis;

/// The state in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageUrl {
    /// The open store.
    pub store: Option<String>,
    /// The cursor; `None` while it follows the head.
    pub at: Option<Position>,
    /// The page that is shown.
    pub page: PageView,
    /// The pane that a narrow page shows.
    pub view: View,
    /// The tab of the inspector.
    pub tab: InspectorTab,
    /// Cursor A.
    pub a: Option<Position>,
    /// Cursor B.
    pub b: Option<Position>,
    /// What the lanes show along x.
    pub axis: Axis,
    /// The first and the last position that the lanes show; `None` for all of them.
    pub window: Option<(Position, Position)>,
    /// The text that is searched for; empty when nothing is.
    pub search: String,
    /// Whether only events that have the text are shown.
    pub only_matches: bool,
    /// Whether only events between A and B are shown.
    pub only_range: bool,
    /// Whose state is shown, when it is not that of the current event's stream.
    pub of: Option<String>,
    /// The history breakpoint.
    pub breakpoint: Option<Breakpoint>,
    /// Whether only its hits are shown.
    pub only_hits: bool,
    /// The what-if branch that is looked at.
    pub branch: Option<String>,
    /// The filter.
    pub filter: Filter,
}

const FACETS: [(&str, Facet, Rule); 8] = [
    ("type", Facet::Type, Rule::Only),
    ("category", Facet::Category, Rule::Only),
    ("stream", Facet::Stream, Rule::Only),
    ("tag", Facet::Tag, Rule::Only),
    ("hide-type", Facet::Type, Rule::Hide),
    ("hide-category", Facet::Category, Rule::Hide),
    ("hide-stream", Facet::Stream, Rule::Hide),
    ("hide-tag", Facet::Tag, Rule::Hide),
];

impl PageUrl {
    /// Reads the parameters of an address; unknown and unreadable ones are passed over.
    #[must_use]
    pub fn from_params(params: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut url = Self::default();
        let (mut over, mut expression) = (Over::Event, None);
        for (name, value) in params {
            match name.as_str() {
                "store" if !value.is_empty() => url.store = Some(value),
                "at" => url.at = position(&value),
                "page" => url.page = PageView::of_key(&value).unwrap_or_default(),
                "view" => url.view = View::of_key(&value).unwrap_or_default(),
                "tab" => url.tab = InspectorTab::of_key(&value).unwrap_or_default(),
                "a" => url.a = position(&value),
                "b" => url.b = position(&value),
                "axis" => url.axis = Axis::of_key(&value).unwrap_or_default(),
                "w" => url.window = value.split_once('-').and_then(|(a, b)| Some((position(a)?, position(b)?))),
                "q" => url.search = value,
                "range" => url.only_range = value == "only",
                "matches" => url.only_matches = value == "only",
                "break" if !value.trim().is_empty() && value.len() <= LONGEST => expression = Some(value),
                "break-only" => url.only_hits = value == "hits",
                "break-of" => over = Over::of_key(&value).unwrap_or(Over::Event),
                "of" if !value.is_empty() => url.of = Some(value),
                "branch" if !value.is_empty() => url.branch = Some(value),
                _ => {
                    if let Some((_, facet, rule)) = FACETS.iter().find(|(key, ..)| *key == name) {
                        url.filter.set(*facet, &value, Some(*rule));
                    }
                }
            }
        }
        url.breakpoint = expression.map(|expression| Breakpoint { over, expression });
        url
    }

    /// Whether another address is of another place, so that the way back from there leads here.
    #[must_use]
    pub fn is_elsewhere(&self, other: &Self) -> bool {
        (&self.store, self.page) != (&other.store, other.page)
    }

    /// The parameters that [`from_params`](Self::from_params) reads back.
    #[must_use]
    pub fn to_params(&self) -> Vec<(&'static str, String)> {
        let mut params = Vec::new();
        let Some(store) = &self.store else { return params };
        params.push(("store", store.clone()));
        if self.page != PageView::default() {
            params.push(("page", self.page.key().to_owned()));
        }
        let positions = [("at", self.at), ("a", self.a), ("b", self.b)];
        params.extend(positions.into_iter().filter_map(|(key, at)| Some((key, at?.to_string()))));
        if self.view != View::default() {
            params.push(("view", self.view.key().to_owned()));
        }
        if self.tab != InspectorTab::default() {
            params.push(("tab", self.tab.key().to_owned()));
        }
        if self.only_range && self.a.is_some() && self.b.is_some() {
            params.push(("range", "only".to_owned()));
        }
        params.extend(self.of.iter().map(|of| ("of", of.clone())));
        params.extend(self.branch.iter().map(|branch| ("branch", branch.clone())));
        if self.axis != Axis::default() {
            params.push(("axis", self.axis.key().to_owned()));
        }
        params.extend(self.window.map(|(from, to)| ("w", format!("{from}-{to}"))));
        if !self.search.is_empty() {
            params.push(("q", self.search.clone()));
            if self.only_matches {
                params.push(("matches", "only".to_owned()));
            }
        }
        if let Some(Breakpoint { over, expression }) = &self.breakpoint {
            params.push(("break", expression.clone()));
            params.push(("break-of", over.key()));
            if self.only_hits {
                params.push(("break-only", "hits".to_owned()));
            }
        }
        for (facet, name, rule) in self.filter.rules() {
            if let Some((key, ..)) = FACETS.iter().find(|(_, f, r)| (*f, *r) == (facet, rule)) {
                params.push((key, name.to_owned()));
            }
        }
        params
    }
}

fn position(text: &str) -> Option<Position> {
    text.parse().ok().filter(|at| *at > 0).map(Position::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_back() {
        let mut filter = Filter::default();
        filter.set(Facet::Type, "OrderPlaced", Some(Rule::Hide));
        filter.set(Facet::Stream, "order-7&f=3 a", Some(Rule::Only));
        filter.set(Facet::Category, "payment", Some(Rule::Only));
        filter.set(Facet::Tag, "sku:AERO 14", Some(Rule::Only));
        filter.set(Facet::Tag, "b2b", Some(Rule::Hide));
        let url = PageUrl {
            store: Some("orders".to_owned()),
            at: Some(Position::new(1204)),
            page: PageView::Projections,
            view: View::Inspect,
            tab: InspectorTab::Blame,
            a: Some(Position::new(7)),
            b: Some(Position::new(9)),
            axis: Axis::Time,
            window: Some((Position::new(840), Position::new(1640))),
            search: "50 % & more".to_owned(),
            only_matches: true,
            only_range: true,
            of: Some("projection:warehouse-board".to_owned()),
            breakpoint: Some(Breakpoint {
                over: Over::Projection("stock".to_owned()),
                expression: "state.units < 0 && event.data.a == \"b\"".to_owned(),
            }),
            only_hits: true,
            branch: Some("bigger order".to_owned()),
            filter,
        };
        let params = url.to_params().into_iter().map(|(key, value)| (key.to_owned(), value));
        assert_eq!(PageUrl::from_params(params), url);
    }

    #[test]
    fn another_store_or_page_is_elsewhere_and_another_moment_is_not() {
        let here = PageUrl { store: Some("orders".to_owned()), ..PageUrl::default() };
        let later = PageUrl { at: Some(Position::new(7)), view: View::Filters, ..here.clone() };
        assert!(!here.is_elsewhere(&later));
        assert!(here.is_elsewhere(&PageUrl { page: PageView::Commands, ..here.clone() }));
        assert!(here.is_elsewhere(&PageUrl::default()));
    }

    #[test]
    fn what_is_unreadable_is_passed_over() {
        let params = [("store", ""), ("at", "0"), ("at", "x"), ("utm", "1"), ("tab", "x"), ("page", "")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(PageUrl::from_params(params), PageUrl::default());
    }
}
