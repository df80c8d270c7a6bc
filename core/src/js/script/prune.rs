//! JSON objects with some of their members: what nobody reads need not be sent, nor be made an object of.

/// Appends a JSON object to `out` with none but the members of these names, in their order, each as it is written. Gives `false`, and
/// appends nothing, where that cannot be told at a glance: of what is no object, or names a member by an escape.
pub(super) fn prune(text: &[u8], names: &[String], out: &mut Vec<u8>) -> bool {
    let begin = out.len();
    let is_pruned = pruned(text, names, out).is_some();
    if !is_pruned {
        out.truncate(begin);
    }
    is_pruned
}

/// The text is one JSON value, as it was checked when it was stored; of any other, this gives `None` or something, and ends.
fn pruned(text: &[u8], names: &[String], out: &mut Vec<u8>) -> Option<()> {
    let mut at = behind_space(text, 0);
    if *text.get(at)? != b'{' {
        return None;
    }
    out.push(b'{');
    let mut is_first = true;
    at = behind_space(text, at + 1);
    while *text.get(at)? != b'}' {
        let key = at;
        at = behind_string(text, at)?;
        let name = text.get(key + 1..at - 1)?;
        if name.contains(&b'\\') {
            return None;
        }
        at = behind_space(text, at);
        if *text.get(at)? != b':' {
            return None;
        }
        let value = behind_space(text, at + 1);
        at = behind_value(text, value)?;
        if names.iter().any(|wanted| wanted.as_bytes() == name) {
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            out.push(b'"');
            out.extend_from_slice(name);
            out.extend_from_slice(b"\":");
            out.extend_from_slice(text.get(value..at)?);
        }
        at = behind_space(text, at);
        match *text.get(at)? {
            b',' => at = behind_space(text, at + 1),
            b'}' => {}
            _ => return None,
        }
    }
    out.push(b'}');
    Some(())
}

fn behind_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The place behind the string that begins at `at`.
fn behind_string(text: &[u8], at: usize) -> Option<usize> {
    if *text.get(at)? != b'"' {
        return None;
    }
    let mut at = at + 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The place behind the value that begins at `at`.
fn behind_value(text: &[u8], mut at: usize) -> Option<usize> {
    match *text.get(at)? {
        b'"' => return behind_string(text, at),
        b'{' | b'[' => {}
        _ => {
            while !matches!(text.get(at)?, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t') {
                at += 1;
            }
            return Some(at);
        }
    }
    let mut depth = 0_usize;
    loop {
        match *text.get(at)? {
            b'"' => {
                at = behind_string(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
