//! Which member of a JSON text stands at a place of it: so that whoever parses needs to keep no account of that.

/// A value that is open at the place.
enum Open<'a> {
    /// An object, at the value of this name.
    Object(Option<&'a str>),
    /// A list, at this item.
    List(Option<usize>),
}

/// The path of the innermost value that a JSON text has begun, or just ended, before `end`: `events[1].type`. Empty for the
/// whole.
pub(super) fn path_at(text: &str, end: usize) -> String {
    let bytes = text.as_bytes();
    let end = end.min(bytes.len());
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while at < end {
        let byte = bytes[at];
        let begins = at;
        at += 1;
        if byte == b'"' {
            while at < end && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at += 1;
        }
        match (byte, open.last_mut()) {
            (b'}' | b']', _) => {
                open.pop();
                continue;
            }
            (b',', Some(Open::List(Some(item)))) => *item += 1,
            (b',', Some(Open::Object(name))) => *name = None,
            (b'"', Some(Open::Object(name @ None))) => *name = text.get(begins + 1..at - 1),
            (_, Some(Open::List(item @ None))) if !byte.is_ascii_whitespace() => *item = Some(0),
            _ => {}
        }
        match byte {
            b'{' => open.push(Open::Object(None)),
            b'[' => open.push(Open::List(None)),
            _ => {}
        }
    }
    let mut path = String::new();
    for step in open {
        match step {
            Open::Object(Some(name)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Open::List(Some(item)) => path.push_str(&format!("[{item}]")),
            Open::Object(None) | Open::List(None) => {}
        }
    }
    path
}
