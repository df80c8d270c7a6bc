//! The mark of a build: a custom section that all parts of one compiled program have, and no other.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

use anyhow::Context;

/// Its name. `core/src/js/parts.js` looks for it.
const NAME: &str = "leftfold-build";

/// Marks the parts of a program by what is in all of them.
pub(crate) fn mark(parts: &[PathBuf]) -> anyhow::Result<()> {
    let read = |part: &PathBuf| fs::read(part).with_context(|| format!("could not read {}", part.display()));
    let code = parts.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    let section = section(&hasher.finish().to_le_bytes());
    for (part, mut code) in parts.iter().zip(code) {
        code.extend(&section);
        fs::write(part, code).with_context(|| format!("could not write {}", part.display()))?;
    }
    Ok(())
}

/// The section as WebAssembly writes it: its kind, its length, the length of its name, the name, what it holds. All of it is so
/// short that a length is one byte.
fn section(content: &[u8; 8]) -> Vec<u8> {
    let (name, length) = (NAME.as_bytes(), NAME.len() as u8);
    [&[0, 1 + length + content.len() as u8, length], name, content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_says_how_long_it_and_its_name_are() {
        let section = section(b"12345678");
        assert_eq!(section, *b"\0\x17\x0eleftfold-build12345678");
        assert_eq!(section.len(), 2 + 0x17);
        assert_eq!(NAME.len(), 0x0e);
    }
}
