//! Reading arguments: a deserializer over the values of JavaScript whose errors name the member. One that is wrapped around
//! a deserializer that does not know would be there once more for every type, and was a tenth of the code.

use std::cell::RefCell;
use std::fmt::{self, Display};

use js_sys::{Array, Number, Reflect};
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

    /// What code of the page that was asked for the value has thrown.
    fn thrown(thrown: &JsValue) -> Self {
        Self::custom(super::failure::reason(thrown))
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

/// The text that a value is; `None` when it is none.
///
/// # Errors
/// It has a half of a pair of UTF-16, which no text of Rust has: two texts would become one.
pub(super) fn whole_text(value: &JsValue) -> Result<Option<String>, &'static str> {
    let Some(text) = value.as_string() else { return Ok(None) };
    // Such a half becomes U+FFFD, which begins with this byte.
    if text.bytes().any(|byte| byte == 0xEF) && JsValue::from_str(&text) != *value {
        return Err("half of a surrogate pair is no character");
    }
    Ok(Some(text))
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

    // What follows is not of the visitor's type, or it would be there once more for every type.

    fn text(&self, expected: &dyn Expected) -> Result<String, MemberError> {
        whole_text(&self.0).map_err(MemberError::custom)?.ok_or_else(|| self.unexpected(expected))
    }

    /// Whatever can be gone through is a list, but for texts.
    fn items(&self, expected: &dyn Expected) -> Result<Items, MemberError> {
        let items = if self.0.is_object() { js_sys::try_iter(&self.0) } else { Ok(None) };
        match items {
            Ok(Some(items)) => Ok(Items { items, at: 0 }),
            Ok(None) => Err(self.unexpected(expected)),
            Err(thrown) => Err(MemberError::thrown(&thrown)),
        }
    }

    /// Not only those whose class is this page's `Object`: there are objects without one, and those of other windows.
    fn members(self, names: &'static [&'static str], expected: &dyn Expected) -> Result<Members, MemberError> {
        if !self.0.is_object() {
            return Err(self.unexpected(expected));
        }
        Ok(Members { object: self.0, names: names.iter(), next: None })
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
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        let text = self.text(&visitor)?;
        visitor.visit_string(text)
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
        let items = self.items(&visitor)?;
        visitor.visit_seq(items)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, MemberError> {
        let members = self.members(names, &visitor)?;
        visitor.visit_map(members)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, MemberError> {
        let name = self.text(&visitor)?;
        visitor.visit_enum(Variant(name))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit newtype_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// The members of an object that its reader knows.
struct Members {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
    next: Option<(&'static str, JsValue)>,
}

impl Members {
    /// The name of the next member that is there.
    fn advance(&mut self) -> Result<Option<&'static str>, MemberError> {
        for name in self.names.by_ref() {
            let key = JsValue::from_str(name);
            let value = Reflect::get(&self.object, &key).map_err(|thrown| MemberError::thrown(&thrown).under(name))?;
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
    items: js_sys::IntoIter,
    at: u32,
}

impl Items {
    fn advance(&mut self) -> Result<Option<JsValue>, MemberError> {
        let item = self.items.next().transpose();
        self.at += 1;
        item.map_err(|thrown| MemberError::thrown(&thrown).under(&self.step()))
    }

    /// The last one's place.
    fn step(&self) -> String {
        format!("[{}]", self.at - 1)
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = MemberError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, MemberError> {
        let Some(item) = self.advance()? else { return Ok(None) };
        seed.deserialize(Member(item)).map(Some).map_err(|error| error.under(&self.step()))
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
