//! What the command palette finds: texts that hold every word of a query.

/// How well a text answers a query; lower is better, `None` when a word of the query is not in it.
///
/// Words are compared without regard to case. A text that begins with the query is best, then one of which some word begins
/// with the query's first word, then any other; among equals the shorter text is better. O(query · text).
#[must_use]
pub fn rank(query: &str, text: &str) -> Option<usize> {
    let (query, lower) = (query.trim().to_lowercase(), text.to_lowercase());
    if !query.split_whitespace().all(|word| lower.contains(word)) {
        return None;
    }
    let first = query.split_whitespace().next().unwrap_or_default();
    let is_word_start = |word: &str| word.starts_with(first);
    let class = if lower.starts_with(&query) {
        0
    } else if lower.split(|c: char| !c.is_alphanumeric()).any(is_word_start) {
        1
    } else {
        2
    };
    Some(class * 10_000 + lower.len().min(9_999))
}

/// The position that a query names: digits, with or without `#`, grouped or not.
#[must_use]
pub fn position(query: &str) -> Option<u64> {
    let digits: String = query.trim().trim_start_matches('#').chars().filter(|c| !matches!(c, ',' | ' ')).collect();
    digits.parse().ok().filter(|position| *position > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_in_any_order_and_case() {
        assert!(rank("theme switch", "Switch theme").is_some());
        assert!(rank("THEME", "Switch theme").is_some());
        assert_eq!(rank("theme dark", "Switch theme"), None);
        assert!(rank("", "Switch theme").is_some());
    }

    #[test]
    fn what_begins_with_the_query_comes_first_and_shorter_before_longer() {
        let mut texts = ["Undo import", "Report", "Import a file", "Important", "Import"];
        texts.sort_by_key(|text| rank("import", text).unwrap_or(usize::MAX));
        assert_eq!(texts, ["Import", "Important", "Import a file", "Undo import", "Report"]);
    }

    #[test]
    fn positions_are_digits() {
        assert_eq!(
            ["#1,204", "1204", " # 7", "0", "#", "12a"].map(position),
            [Some(1204), Some(1204), Some(7), None, None, None]
        );
    }
}
