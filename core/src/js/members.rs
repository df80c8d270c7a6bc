//! Reading arguments: a deserializer over the values of JavaScript whose errors name the member. One that is wrapped around
//! a deserializer that does not know would be there once more for every type, and was a tenth of the code.

use std::cell::RefCell;
use std::fmt::{self, Display};

use js_sys::{Array, Number, Object, Reflect};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::prelude::*;

/// A value to be read.
pub(super) struct Member(pub(super) JsValue);

/// What is wrong with a value, or with one that it holds.
#[derive(Debug)]
pub(super) struct MemberError(Box<Wrong>);

#[derive(Debug)]
struct Wrong {
    /// Where: `query.items[0]`. Empty for the value itself.
    path: String,
    problem: String,
}

impl MemberError {
    /// The path of the member, empty for the value itself, and what is wrong with it.
    pub(super) fn into_parts(self) -> (String, String) {
        (self.0.path, self.0.problem)
    }

    /// The same, told by whoever holds the value.
    fn under(mut self, step: &str) -> Self {
        let path = &mut self.0.path;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, step);
        self
    }
}

impl Display for MemberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.problem)
    }
}

impl std::error::Error for MemberError {}

impl serde::de::Error for MemberError {
    fn custom<T: Display>(problem: T) -> Self {
        Self(Box::new(Wrong { path: String::new(), problem: problem.to_string() }))
    }
}

thread_local! {
    /// A value on its way through [`kept`].
    static KEPT: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

const KEPT_NAME: &str = "leftfold::kept";

/// Keeps a member as the value that it is, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// None.
pub(super) fn kept<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JsValue, D::Error> {
    struct Kept;

    impl Visitor<'_> for Kept {
        type Value = JsValue;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value of JavaScript")
        }

        fn visit_unit<E>(self) -> Result<JsValue, E> {
            Ok(KEPT.take())
        }
    }

    deserializer.deserialize_unit_struct(KEPT_NAME, Kept)
}

impl Member {
    fn is_nothing(&self) -> bool {
        self.0.is_undefined() || self.0.is_null()
    }

    fn unexpected(&self, expected: &dyn Expected) -> MemberError {
        let text;
        let unexpected = if self.is_nothing() {
            Unexpected::Unit
        } else if let Some(value) = self.0.as_bool() {
            Unexpected::Bool(value)
        } else if let Some(value) = self.0.as_f64() {
            Unexpected::Float(value)
        } else if let Some(value) = self.0.as_string() {
            text = value;
            Unexpected::Str(&text)
        } else if Array::is_array(&self.0) {
            Unexpected::Seq
        } else if self.0.is_object() {
            Unexpected::Map
        } else {
            text = self.0.js_typeof().as_string().unwrap_or_default();
            Unexpected::Other(&text)
        };
        MemberError::invalid_type(unexpected, expected)
    }
}

impl<'de> Deserializer<'de> for Member {
    type Error = MemberError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        if let Some(number) = self.0.as_f64() {
            return if Number::is_safe_integer(&self.0) {
                visitor.visit_i64(number as i64)
            } else {
                visitor.visit_f64(number)
            };
        }
        match self.0.as_string() {
            Some(text) => visitor.visit_string(text),
            None => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        match self.0.as_string() {
            Some(text) => visitor.visit_string(text),
            None => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, MemberError> {
        if name != KEPT_NAME {
            return Err(self.unexpected(&visitor));
        }
        KEPT.replace(self.0);
        visitor.visit_unit()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        // Whatever can be gone through is a list, but for texts.
        let is_list = self.0.is_object() && matches!(js_sys::try_iter(&self.0), Ok(Some(_)));
        if !is_list {
            return Err(self.unexpected(&visitor));
        }
        visitor.visit_seq(Items { items: Array::from(&self.0), at: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, MemberError> {
        match self.0.dyn_into::<Object>() {
            Ok(object) => visitor.visit_map(Members { object, names: names.iter(), next: None }),
            Err(value) => Err(Self(value).unexpected(&visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, MemberError> {
        match self.0.as_string() {
            Some(name) => visitor.visit_enum(Variant(name)),
            None => Err(self.unexpected(&visitor)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit newtype_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// The members of an object that its reader knows.
struct Members {
    object: Object,
    names: std::slice::Iter<'static, &'static str>,
    next: Option<(&'static str, JsValue)>,
}

impl Members {
    /// The name of the next member that is there.
    fn advance(&mut self) -> Result<Option<&'static str>, MemberError> {
        for name in self.names.by_ref() {
            let key = JsValue::from_str(name);
            let thrown = |thrown| MemberError::custom(super::failure::reason(&thrown)).under(name);
            let value = Reflect::get(&self.object, &key).map_err(thrown)?;
            if !value.is_undefined() || key.js_in(&self.object) {
                self.next = Some((name, value));
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = MemberError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, MemberError> {
        let Some(name) = self.advance()? else { return Ok(None) };
        let name: StrDeserializer<'_, MemberError> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, MemberError> {
        let (name, value) = self.next.take().unwrap_or_default();
        seed.deserialize(Member(value)).map_err(|error| error.under(name))
    }
}

/// The items of a list.
struct Items {
    items: Array,
    at: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = MemberError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, MemberError> {
        let at = self.at;
        if at == self.items.length() {
            return Ok(None);
        }
        self.at += 1;
        seed.deserialize(Member(self.items.get(at))).map(Some).map_err(|error| error.under(&format!("[{at}]")))
    }
}

/// The name of one of several.
struct Variant(String);

impl<'de> EnumAccess<'de> for Variant {
    type Error = MemberError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), MemberError> {
        let name: StrDeserializer<'_, MemberError> = self.0.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = MemberError;

    fn unit_variant(self) -> Result<(), MemberError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, MemberError> {
        Err(MemberError::custom("it holds nothing"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, MemberError> {
        Err(MemberError::custom("it holds nothing"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, MemberError> {
        Err(MemberError::custom("it holds nothing"))
    }
}
