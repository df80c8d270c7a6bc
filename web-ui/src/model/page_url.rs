//! What the address of the page keeps: the store, the cursor and the filter.

use leftfold_core::Position;

use super::filter::{Facet, Filter, Rule};

/// The state in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageUrl {
    /// The open store.
    pub store: Option<String>,
    /// The cursor; `None` while it follows the head.
    pub at: Option<Position>,
    /// The filter.
    pub filter: Filter,
}

const FACETS: [(&str, Facet, Rule); 6] = [
    ("type", Facet::Type, Rule::Only),
    ("category", Facet::Category, Rule::Only),
    ("stream", Facet::Stream, Rule::Only),
    ("hide-type", Facet::Type, Rule::Hide),
    ("hide-category", Facet::Category, Rule::Hide),
    ("hide-stream", Facet::Stream, Rule::Hide),
];

impl PageUrl {
    /// Reads the parameters of an address; unknown and unreadable ones are passed over.
    #[must_use]
    pub fn from_params(params: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut url = Self::default();
        for (name, value) in params {
            match name.as_str() {
                "store" if !value.is_empty() => url.store = Some(value),
                "at" => url.at = value.parse().ok().filter(|at| *at > 0).map(Position::new),
                _ => {
                    if let Some((_, facet, rule)) = FACETS.iter().find(|(key, ..)| *key == name) {
                        url.filter.set(*facet, &value, Some(*rule));
                    }
                }
            }
        }
        url
    }

    /// The parameters that [`from_params`](Self::from_params) reads back.
    #[must_use]
    pub fn to_params(&self) -> Vec<(&'static str, String)> {
        let mut params = Vec::new();
        let Some(store) = &self.store else { return params };
        params.push(("store", store.clone()));
        params.extend(self.at.map(|at| ("at", at.to_string())));
        for (facet, name, rule) in self.filter.rules() {
            if let Some((key, ..)) = FACETS.iter().find(|(_, f, r)| (*f, *r) == (facet, rule)) {
                params.push((key, name.to_owned()));
            }
        }
        params
    }
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
        let url = PageUrl { store: Some("orders".to_owned()), at: Some(Position::new(1204)), filter };
        let params = url.to_params().into_iter().map(|(key, value)| (key.to_owned(), value));
        assert_eq!(PageUrl::from_params(params), url);
    }

    #[test]
    fn what_is_unreadable_is_passed_over() {
        let params = [("store", ""), ("at", "0"), ("at", "x"), ("utm", "1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(PageUrl::from_params(params), PageUrl::default());
    }
}
