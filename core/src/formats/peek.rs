//! A look at the members of a JSON document from its first bytes.

/// The names of the members of the root object; or of the first element of a root array, when that is an object. As far
/// as `head` goes.
pub(super) fn first_members(head: &[u8]) -> Vec<String> {
    let head = head.trim_ascii_start();
    let begin = match head {
        [b'[', rest @ ..] => rest.trim_ascii_start(),
        _ => head,
    };
    let mut names = Vec::new();
    let Some(mut rest) = begin.strip_prefix(b"{") else { return names };
    let mut depth = 0_usize;
    let mut is_name = true;
    while let Some(byte) = rest.first() {
        let mut len = 1;
        match byte {
            b'"' => {
                let Some(end) = end_of_text(rest) else { break };
                len = end;
                if depth == 0 && is_name {
                    names.extend(serde_json::from_slice::<String>(&rest[..end]));
                    is_name = false;
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => is_name = true,
            _ => {}
        }
        rest = &rest[len..];
    }
    names
}

/// Bytes of the text that begins here, quotes included.
fn end_of_text(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_the_root_or_of_the_first_element() {
        let cases: [(&str, &[&str]); 7] = [
            (r#" {"a":{"x":[1,{"y":2}]},"b\"":"}","c"#, &["a", "b\""]),
            (r#"[ {"a":1,"b":[]}, {"c":1}]"#, &["a", "b"]),
            ("{\"a\":1}\n{\"b\":1}", &["a"]),
            ("[[1]]", &[]),
            ("[", &[]),
            ("{\"a\\", &[]),
            ("7", &[]),
        ];
        for (head, expected) in cases {
            assert_eq!(first_members(head.as_bytes()), expected, "{head}");
        }
    }
}
