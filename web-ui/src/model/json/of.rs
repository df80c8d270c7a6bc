//! Any serialisable value as [`Json`], its members in the order in which it gives them.

use serde::ser::{self, Error as _, Serialize, Serializer};
use serde_json::Error;

use super::Json;

impl Json {
    /// The value as JSON. Keys of maps may be texts, numbers, characters and names of variants.
    ///
    /// # Errors
    /// What the value itself says, or a key that is none of these.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        value.serialize(Writer)
    }
}

struct Writer;

/// An array, an object, or one of them as the content of a variant.
struct Parts {
    variant: Option<&'static str>,
    items: Vec<Json>,
    members: Vec<(String, Json)>,
    key: Option<String>,
}

impl Parts {
    fn with_room(variant: Option<&'static str>, items: usize, members: usize) -> Self {
        Self { variant, items: Vec::with_capacity(items), members: Vec::with_capacity(members), key: None }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.items.push(Json::of(value)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.members.push((name.to_owned(), Json::of(value)?));
        Ok(())
    }

    fn array(self) -> Json {
        wrapped(self.variant, Json::Array(self.items))
    }

    fn object(self) -> Json {
        wrapped(self.variant, Json::Object(self.members))
    }
}

fn wrapped(variant: Option<&'static str>, json: Json) -> Json {
    match variant {
        Some(variant) => Json::Object(vec![(variant.to_owned(), json)]),
        None => json,
    }
}

impl Serializer for Writer {
    type Ok = Json;
    type Error = Error;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    fn serialize_bool(self, value: bool) -> Result<Json, Error> {
        Ok(Json::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_u8(self, value: u8) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Result<Json, Error> {
        Ok(Json::Number(value.into()))
    }

    fn serialize_f32(self, value: f32) -> Result<Json, Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Json, Error> {
        Ok(Json::float(value))
    }

    fn serialize_char(self, value: char) -> Result<Json, Error> {
        Ok(Json::String(value.into()))
    }

    fn serialize_str(self, value: &str) -> Result<Json, Error> {
        Ok(Json::String(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Json, Error> {
        Ok(Json::Array(value.iter().map(|byte| Json::Number((*byte).into())).collect()))
    }

    fn serialize_none(self) -> Result<Json, Error> {
        Ok(Json::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Json, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Json, Error> {
        Ok(Json::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Json, Error> {
        Ok(Json::Null)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<Json, Error> {
        Ok(Json::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<Json, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Json, Error> {
        Ok(wrapped(Some(variant), Json::of(value)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Parts, Error> {
        Ok(Parts::with_room(None, len.unwrap_or(0), 0))
    }

    fn serialize_tuple(self, len: usize) -> Result<Parts, Error> {
        Ok(Parts::with_room(None, len, 0))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Parts, Error> {
        Ok(Parts::with_room(None, len, 0))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts, Error> {
        Ok(Parts::with_room(Some(variant), len, 0))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Parts, Error> {
        Ok(Parts::with_room(None, 0, len.unwrap_or(0)))
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Parts, Error> {
        Ok(Parts::with_room(None, 0, len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts, Error> {
        Ok(Parts::with_room(Some(variant), 0, len))
    }
}

macro_rules! sequence {
    ($port:ident, $method:ident) => {
        impl ser::$port for Parts {
            type Ok = Json;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<Json, Error> {
                Ok(self.array())
            }
        }
    };
}

sequence!(SerializeSeq, serialize_element);
sequence!(SerializeTuple, serialize_element);
sequence!(SerializeTupleStruct, serialize_field);
sequence!(SerializeTupleVariant, serialize_field);

macro_rules! structure {
    ($port:ident) => {
        impl ser::$port for Parts {
            type Ok = Json;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<Json, Error> {
                Ok(self.object())
            }
        }
    };
}

structure!(SerializeStruct);
structure!(SerializeStructVariant);

impl ser::SerializeMap for Parts {
    type Ok = Json;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(match Json::of(key)? {
            Json::String(text) => text,
            Json::Number(number) => number.to_string(),
            Json::Bool(value) => value.to_string(),
            _ => return Err(Error::custom("a key of a map is no text")),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| Error::custom("a value of a map has no key"))?;
        self.members.push((key, Json::of(value)?));
        Ok(())
    }

    fn end(self) -> Result<Json, Error> {
        Ok(self.object())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::value::to_value;

    use super::*;

    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Kind {
        Plain,
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(i64, Option<&'static str>),
        Struct { z: f64, a: char },
    }

    #[derive(Serialize)]
    struct Everything {
        z: Vec<Shape>,
        a: (u64, i8, bool, ()),
        by_number: BTreeMap<i32, f32>,
        by_kind: BTreeMap<Kind, Json>,
        none: Option<u8>,
    }

    fn everything() -> Everything {
        Everything {
            z: vec![Shape::Unit, Shape::Newtype(7), Shape::Tuple(-1, Some("x")), Shape::Struct { z: 0.5, a: 'é' }],
            a: (u64::MAX, -8, true, ()),
            by_number: [(-1, 1.5), (2, 0.25)].into(),
            by_kind: [(Kind::Plain, Json::parse(br#"{"n":[1,{}]}"#).expect("JSON"))].into(),
            none: None,
        }
    }

    #[test]
    fn a_value_is_the_json_that_serde_writes() {
        let json = Json::of(&everything()).expect("JSON");
        let text = serde_json::to_string(&everything()).expect("JSON");
        assert_eq!(json.to_string(), text, "in the order of the value");
        assert_eq!(Json::parse(text.as_bytes()).expect("JSON"), json);
        assert_eq!(to_value(&json).expect("JSON"), to_value(everything()).expect("JSON"));
    }

    #[test]
    fn a_key_that_is_no_text_is_refused() {
        assert!(Json::of(&BTreeMap::from([(vec![1], 2)])).is_err());
    }
}
