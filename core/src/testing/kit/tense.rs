//! Whether the name of an event says what has happened.

/// Past participles that do not end in `ed`, as far as events are named with them.
const IRREGULAR: [&str; 84] = [
    "become",
    "begun",
    "bent",
    "bet",
    "bid",
    "born",
    "bought",
    "bound",
    "broken",
    "brought",
    "built",
    "burnt",
    "caught",
    "chosen",
    "come",
    "cost",
    "cut",
    "dealt",
    "done",
    "drawn",
    "driven",
    "dug",
    "fallen",
    "fed",
    "fit",
    "forbidden",
    "forgotten",
    "found",
    "frozen",
    "given",
    "gone",
    "gotten",
    "grown",
    "held",
    "hidden",
    "hit",
    "hurt",
    "kept",
    "known",
    "laid",
    "learnt",
    "led",
    "left",
    "lent",
    "let",
    "lost",
    "made",
    "meant",
    "met",
    "paid",
    "put",
    "quit",
    "read",
    "rung",
    "run",
    "said",
    "seen",
    "sent",
    "set",
    "shown",
    "shut",
    "sold",
    "sought",
    "spent",
    "split",
    "spoken",
    "spread",
    "stood",
    "stolen",
    "struck",
    "sung",
    "swept",
    "taken",
    "taught",
    "thought",
    "thrown",
    "told",
    "understood",
    "withdrawn",
    "won",
    "written",
    "wound",
    "worn",
    "woken",
];

/// What to say of an event type that is not in the past tense; `None` if it is. An event says what has happened:
/// `OrderPlaced`, not `PlaceOrder`. It is a guess by the words of the name, in English.
///
/// ```
/// use leftfold_core::testing::past_tense_warning;
/// assert_eq!(past_tense_warning("OrderPlaced"), None);
/// assert_eq!(past_tense_warning("invoice-sent"), None);
/// assert!(past_tense_warning("PlaceOrder").is_some());
/// ```
#[must_use]
pub fn past_tense_warning(event_type: &str) -> Option<String> {
    let is_past = |word: &String| {
        (word.len() > 3 && word.ends_with("ed") && !word.ends_with("eed")) || IRREGULAR.contains(&&**word)
    };
    if event_type.starts_with('$') || words(event_type).iter().any(is_past) {
        return None;
    }
    Some(format!(
        "the event type {event_type} is not in the past tense; an event says what has happened, as OrderPlaced does"
    ))
}

/// The words of a name in camel case, or with anything but letters and digits between them, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && was_small) {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.iter_mut().last().into_iter().for_each(|word| word.extend(character.to_lowercase()));
        }
        was_small = character.is_lowercase() || character.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Prints a warning for each event type that is not in the past tense.
pub(super) fn warn<'a>(event_types: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut warnings: Vec<String> = event_types.filter_map(past_tense_warning).collect();
    warnings.sort_unstable();
    warnings.dedup();
    for warning in &warnings {
        eprintln!("warning: {warning}");
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::past_tense_warning;

    #[test]
    fn names_in_the_past_tense_pass_and_commands_do_not() {
        let past = [
            "OrderPlaced",
            "order_placed",
            "order-placed",
            "order placed",
            "ORDER_PLACED",
            "PaymentSent",
            "ItemTakenOut",
            "HTTPRequestReceived",
            "StudentSubscribedToCourse",
            "Registered",
            "PriceSetV2",
            "$streamDeleted",
        ];
        let other = ["PlaceOrder", "Feed", "Order", "UserSpeedNeed", "Red", "CreateUser", "Pending", ""];
        assert_eq!(past.into_iter().filter_map(past_tense_warning).collect::<Vec<_>>(), Vec::<String>::new());
        for name in other {
            assert!(past_tense_warning(name).is_some(), "{name}");
        }
    }
}
