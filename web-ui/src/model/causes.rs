//! What led to an event, and what it led to.
//!
//! Events say so in their metadata: `correlationId` is the same for all that belong together, `causationId` is the id of the
//! event (or command) that was the cause.

use std::collections::HashMap;

use leftfold_core::Position;

use super::json::Json;

/// What the metadata of an event say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// What it belongs to.
    pub correlation: Option<String>,
    /// Its cause.
    pub causation: Option<String>,
}

impl Origin {
    /// Reads the metadata of an event.
    #[must_use]
    pub fn of_metadata(metadata: &[u8]) -> Self {
        let Ok(json) = Json::parse(metadata) else { return Self::default() };
        let text = |name: &str| match json.member(name)? {
            Json::String(text) if !text.is_empty() => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Self { correlation: text("correlationId"), causation: text("causationId") }
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.correlation.is_none() && self.causation.is_none()
    }

    /// Whether another event, of this id, belongs to the same story as one of `id` with this origin.
    #[must_use]
    pub fn is_of_same_story(&self, id: &str, other: &Self, other_id: &str) -> bool {
        let is_correlated = self.correlation.is_some() && self.correlation == other.correlation;
        is_correlated || self.causation.as_deref() == Some(other_id) || other.causation.as_deref() == Some(id)
    }
}

/// An event of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it stands.
    pub position: Position,
    /// Its id.
    pub id: String,
    /// The id of its cause.
    pub causation: Option<String>,
}

/// An event of a story and how many causes lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub position: Position,
    /// How many known events lead to it, one the cause of the next.
    pub depth: usize,
}

/// Effects below their causes, each level in the order of the log. A cause that lies behind its effect, or that is not
/// known, is passed over.
#[must_use]
pub fn chain(mut story: Vec<Told>) -> Vec<Link> {
    story.sort_by_key(|told| told.position);
    story.dedup_by_key(|told| told.position);
    let places: HashMap<&str, usize> =
        story.iter().enumerate().map(|(place, told)| (told.id.as_str(), place)).collect();
    let mut effects: Vec<Vec<usize>> = vec![Vec::new(); story.len()];
    let mut first = Vec::new();
    for (place, told) in story.iter().enumerate() {
        let cause = told.causation.as_deref().and_then(|id| places.get(id).copied()).filter(|cause| *cause < place);
        match cause {
            Some(cause) => effects[cause].push(place),
            None => first.push(place),
        }
    }
    let mut links = Vec::with_capacity(story.len());
    let mut waiting: Vec<(usize, usize)> = first.into_iter().rev().map(|place| (place, 0)).collect();
    while let Some((place, depth)) = waiting.pop() {
        links.push(Link { position: story[place].position, depth });
        waiting.extend(effects[place].iter().rev().map(|effect| (*effect, depth + 1)));
    }
    links
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(position: u64, id: &str, causation: Option<&str>) -> Told {
        Told { position: Position::new(position), id: id.to_owned(), causation: causation.map(str::to_owned) }
    }

    fn check(story: Vec<Told>) -> Vec<(u64, usize)> {
        chain(story).into_iter().map(|link| (link.position.get(), link.depth)).collect()
    }

    #[test]
    fn effects_stand_below_their_causes() {
        let story = vec![
            told(9, "d", Some("b")),
            told(1, "a", Some("a command")),
            told(4, "c", Some("a")),
            told(2, "b", Some("a")),
            told(7, "e", None),
        ];
        assert_eq!(check(story), [(1, 0), (2, 1), (9, 2), (4, 1), (7, 0)]);
        assert!(check(Vec::new()).is_empty());
    }

    #[test]
    fn metadata_name_the_story() {
        let origin = |text: &str| Origin::of_metadata(text.as_bytes());
        let one = origin(r#"{"correlationId":"order-1","causationId":7}"#);
        assert_eq!(one.causation.as_deref(), Some("7"));
        assert!(one.is_of_same_story("a", &origin(r#"{"correlationId":"order-1"}"#), "b"));
        assert!(one.is_of_same_story("a", &Origin::default(), "7"), "its cause");
        assert!(one.is_of_same_story("a", &origin(r#"{"causationId":"a"}"#), "b"), "its effect");
        assert!(!one.is_of_same_story("a", &origin(r#"{"correlationId":"order-2"}"#), "b"));
        assert!(origin("{}").is_empty() && origin("").is_empty());
    }

    proptest! {
        #[test]
        fn every_event_is_told_once(causes in proptest::collection::vec(0_u64..12, 1..12)) {
            let story = causes.iter().zip(0_u64..).map(|(cause, i)| told(i + 1, &i.to_string(), Some(&cause.to_string())));
            let links = chain(story.collect());
            let mut positions: Vec<u64> = links.iter().map(|link| link.position.get()).collect();
            positions.sort_unstable();
            prop_assert_eq!(positions, (1..=causes.len() as u64).collect::<Vec<_>>());
        }
    }
}
