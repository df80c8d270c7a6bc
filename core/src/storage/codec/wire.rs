//! The primitives of the format: little-endian integers, LEB128 varints, length-prefixed text.

use thiserror::Error;

/// Bytes that do not follow the format.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} at byte {offset}")]
pub(crate) struct Malformed {
    pub(crate) what: &'static str,
    pub(crate) offset: usize,
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Signed numbers with the sign in the lowest bit, so that small ones of either sign stay short.
pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads forwards through a slice; every read is checked.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn fail<T>(&self, what: &'static str) -> Result<T, Malformed> {
        Err(Malformed { what, offset: self.offset })
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let Some(slice) = self.offset.checked_add(len).and_then(|end| self.bytes.get(self.offset..end)) else {
            return self.fail("the bytes end too early");
        };
        self.offset += len;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn id(&mut self) -> Result<[u8; 16], Malformed> {
        self.array()
    }

    pub(crate) fn hash(&mut self) -> Result<[u8; 32], Malformed> {
        self.array()
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        let mut shift = 0;
        loop {
            let Some(&byte) = self.bytes.get(self.offset) else {
                return self.fail("the bytes end inside a number");
            };
            self.offset += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return self.fail("a number has too many bytes");
            }
        }
    }

    /// A varint that counts or indexes something in memory.
    #[inline]
    pub(crate) fn varint32(&mut self) -> Result<u32, Malformed> {
        let value = self.varint()?;
        u32::try_from(value).or_else(|_| self.fail("a number is too large"))
    }

    /// A count of things that take at least one byte each, so that a damaged count cannot ask for endless memory.
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        let count = self.varint32()? as usize;
        if count > self.bytes.len() - self.offset {
            return self.fail("a count is larger than the bytes that are left");
        }
        Ok(count)
    }

    #[inline]
    pub(crate) fn zigzag(&mut self) -> Result<i64, Malformed> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        let len = self.varint32()? as usize;
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).or_else(|_| self.fail("a text is not UTF-8"))
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_and_texts_survive(unsigned: u64, signed: i64, text: String) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, unsigned);
            put_zigzag(&mut bytes, signed);
            put_text(&mut bytes, &text);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.varint().unwrap(), unsigned);
            prop_assert_eq!(reader.zigzag().unwrap(), signed);
            prop_assert_eq!(reader.text().unwrap(), text);
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.varint().is_ok() && reader.zigzag().is_ok() && reader.text().is_ok() && reader.count().is_ok() {}
        }
    }
}
