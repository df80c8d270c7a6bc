//! JSON Pointers, [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901), and the value that one names in a state. Of the
//! state, only that value is made into JSON.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use super::error::TimelineError;

/// A JSON Pointer, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    tokens: Vec<String>,
}

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Self, TimelineError> {
        let invalid = |reason| TimelineError::InvalidPointer { pointer: text.to_owned(), reason };
        if text.is_empty() {
            return Ok(Self { tokens: Vec::new() });
        }
        let tokens = text.strip_prefix('/').ok_or_else(|| invalid("it begins with another character than /"))?;
        let has_bad_tilde = tokens.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
        if has_bad_tilde {
            return Err(invalid("a ~ stands before something else than 0 or 1"));
        }
        let tokens = tokens.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { tokens })
    }

    /// The value that the pointer names in `state` as JSON; `None` where there is none.
    pub(super) fn value_in<T: Serialize>(&self, state: &T) -> Result<Option<Value>, serde_json::Error> {
        state.serialize(Walk { tokens: &self.tokens })
    }
}

/// An array index is written without sign and without leading zeros.
fn index_of(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    is_index.then(|| token.parse().ok()).flatten()
}

type Found = Result<Option<Value>, serde_json::Error>;

/// Goes down to what `tokens` name and serialises nothing else.
#[derive(Clone, Copy)]
struct Walk<'a> {
    tokens: &'a [String],
}

impl<'a> Walk<'a> {
    /// A value without parts.
    fn leaf<T: Serialize + ?Sized>(self, value: &T) -> Found {
        if self.tokens.is_empty() { serde_json::to_value(value).map(Some) } else { Ok(None) }
    }

    /// The value of the one member of an object.
    fn member(self, key: &str) -> Option<Self> {
        let (first, rest) = self.tokens.split_first()?;
        (first == key).then_some(Walk { tokens: rest })
    }

    fn array(self, wrapped_in: Option<&'static str>) -> Parts<'a> {
        let walk = match wrapped_in {
            Some(variant) => self.member(variant),
            None => Some(self),
        };
        let is_whole =
            walk.is_some_and(|walk| walk.tokens.is_empty()) || (wrapped_in.is_some() && self.tokens.is_empty());
        let target = walk.and_then(|walk| walk.tokens.split_first());
        Parts {
            whole: is_whole.then(|| Value::Array(Vec::new())),
            wrapped_in: wrapped_in.filter(|_| self.tokens.is_empty()),
            wanted: target.and_then(|(first, _)| index_of(first)),
            name: target.map(|(first, _)| first.as_str()),
            rest: target.map_or(&[], |(_, rest)| rest),
            next: 0,
            key: String::new(),
            found: None,
        }
    }

    fn object(self, wrapped_in: Option<&'static str>) -> Parts<'a> {
        let mut parts = self.array(wrapped_in);
        if parts.whole.is_some() {
            parts.whole = Some(Value::Object(serde_json::Map::new()));
        }
        parts
    }
}

/// The parts of an array or an object as they come.
struct Parts<'a> {
    /// The array or object itself, when it is what is named.
    whole: Option<Value>,
    /// The variant that the whole is the content of, when that is named too.
    wrapped_in: Option<&'static str>,
    /// The element that is named, in an array.
    wanted: Option<usize>,
    /// The member that is named, in an object.
    name: Option<&'a str>,
    /// What is named below.
    rest: &'a [String],
    /// The number of the next element.
    next: usize,
    /// The key of the next member.
    key: String,
    found: Option<Value>,
}

impl Parts<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
        if let Some(Value::Array(whole)) = &mut self.whole {
            whole.push(serde_json::to_value(value)?);
        } else if self.wanted == Some(self.next) {
            self.found = value.serialize(Walk { tokens: self.rest })?;
        }
        self.next += 1;
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), serde_json::Error> {
        if let Some(Value::Object(whole)) = &mut self.whole {
            whole.insert(key.to_owned(), serde_json::to_value(value)?);
        } else if self.name == Some(key) {
            self.found = value.serialize(Walk { tokens: self.rest })?;
        }
        Ok(())
    }

    fn finish(self) -> Found {
        let Some(whole) = self.whole else { return Ok(self.found) };
        Ok(Some(match self.wrapped_in {
            Some(variant) => Value::Object([(variant.to_owned(), whole)].into_iter().collect()),
            None => whole,
        }))
    }
}

/// A struct, or one of those that `serde_json` writes in a way of its own.
enum Fields<'a> {
    Struct(Parts<'a>),
    Special(<serde_json::value::Serializer as Serializer>::SerializeStruct, &'a [String]),
}

macro_rules! leaves {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Found {
            self.leaf(&value)
        })*
    };
}

impl<'a> Serializer for Walk<'a> {
    type Ok = Option<Value>;
    type Error = serde_json::Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Parts<'a>;

    leaves! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_bytes(self, value: &[u8]) -> Found {
        // As JSON, bytes are an array of numbers.
        value.serialize(self)
    }

    fn serialize_none(self) -> Found {
        self.leaf(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Found {
        self.leaf(&())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Found {
        self.leaf(&())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Found {
        self.leaf(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Found {
        let mut parts = self.object(None);
        parts.field(variant, value)?;
        parts.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.array(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.array(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.array(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.array(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.object(None))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Fields<'a>, serde_json::Error> {
        if name.starts_with("$serde_json::private::") {
            let special = serde_json::value::Serializer.serialize_struct(name, len)?;
            return Ok(Fields::Special(special, self.tokens));
        }
        Ok(Fields::Struct(self.object(None)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, serde_json::Error> {
        Ok(self.object(Some(variant)))
    }
}

macro_rules! elements {
    ($($trait:ident $method:ident,)*) => {
        $(impl $trait for Parts<'_> {
            type Ok = Option<Value>;
            type Error = serde_json::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
                self.element(value)
            }

            fn end(self) -> Found {
                self.finish()
            }
        })*
    };
}

elements! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

impl SerializeStructVariant for Parts<'_> {
    type Ok = Option<Value>;
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), serde_json::Error> {
        self.field(key, value)
    }

    fn end(self) -> Found {
        self.finish()
    }
}

impl SerializeMap for Parts<'_> {
    type Ok = Option<Value>;
    type Error = serde_json::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), serde_json::Error> {
        self.key = match serde_json::to_value(key)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => return Err(serde_json::Error::custom("key must be a string")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Found {
        self.finish()
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = Option<Value>;
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), serde_json::Error> {
        match self {
            Self::Struct(parts) => parts.field(key, value),
            Self::Special(special, _) => special.serialize_field(key, value),
        }
    }

    fn end(self) -> Found {
        match self {
            Self::Struct(parts) => parts.finish(),
            Self::Special(special, tokens) => SerializeStruct::end(special)?.serialize(Walk { tokens }),
        }
    }
}
