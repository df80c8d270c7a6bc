//! Numbers in texts.

/// A whole number from 0, as databases write them.
pub(super) fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The first number of a version such as `2`, `2.1` or `2.1.0`, and whether it is all of it.
pub(in crate::formats) fn first_of_version(text: &str) -> Option<(u32, bool)> {
    let text = text.trim();
    let mut parts = text.split('.');
    let first = u32::try_from(whole(parts.next()?)?).ok()?;
    let mut is_whole = true;
    for part in parts {
        whole(part)?;
        is_whole = false;
    }
    Some((first, is_whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_begin_with_a_number() {
        let cases = [
            ("2", Some((2, true))),
            (" 3 ", Some((3, true))),
            ("2.1", Some((2, false))),
            ("0.0.1", Some((0, false))),
            ("", None),
            ("v2", None),
            ("2.x", None),
            ("-1", None),
            ("99999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(first_of_version(text), expected, "{text}");
        }
    }
}
