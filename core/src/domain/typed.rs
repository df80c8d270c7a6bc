//! Events as types of the application, read and written by serde.

use std::fmt;

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{ContentType, InvalidEvent, NewEvent, RecordedEvent, SchemaVersion, Tag};

/// The events of a domain: an enum of which each variant is an event type, named as the variant, with the variant's
/// content as data.
///
/// ```
/// use leftfold_core::DomainEvent;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum OrderEvent {
///     OrderPlaced { sku: String, units: u32 },
///     OrderCancelled {},
/// }
/// impl DomainEvent for OrderEvent {}
///
/// let event = OrderEvent::OrderPlaced { sku: "SKU-AERO-14".to_owned(), units: 25 }.to_new_event()?;
/// assert_eq!(event.event_type().as_str(), "OrderPlaced");
/// assert_eq!(&event.data()[..], br#"{"sku":"SKU-AERO-14","units":25}"#);
/// # Ok::<(), leftfold_core::InvalidEvent>(())
/// ```
pub trait DomainEvent: Serialize + DeserializeOwned {
    /// The schema version of what this program writes. Events with an older one need upcasters; with an upcaster from `n`
    /// it is at least `n + 1`, or what is decided is refused rather than stored. Default 1.
    fn schema_version(&self) -> SchemaVersion {
        SchemaVersion::default()
    }

    /// The tags that the event is stored with. Default: none.
    fn tags(&self) -> Vec<Tag> {
        Vec::new()
    }

    /// The event as it is given to a store.
    ///
    /// # Errors
    /// [`InvalidEvent`] when serde makes no enum variant of it, or a limit is passed.
    fn to_new_event(&self) -> Result<NewEvent, InvalidEvent> {
        let not_json = |error: serde_json::Error| InvalidEvent::DataNotJson { reason: error.to_string() };
        let text = serde_json::to_string(self).map_err(not_json)?;
        let event = if text.starts_with('"') {
            let name: String = serde_json::from_str(&text).map_err(not_json)?;
            NewEvent::json(&name, &())?
        } else {
            let Variant { name, content } = serde_json::from_str(&text).map_err(not_json)?;
            NewEvent::json_raw(&name, content)?
        };
        event.with_schema_version(self.schema_version()).with_tags(self.tags())
    }

    /// Reads an event of the log, which upcasters have lifted already.
    ///
    /// # Errors
    /// [`DecodeError`]: the type is no variant, or the data is not what the variant needs.
    fn from_recorded(event: &RecordedEvent) -> Result<Self, DecodeError> {
        decode(event.event_type().as_str(), event.content(), event.data())
    }

    /// Reads an event that was not stored yet.
    ///
    /// # Errors
    /// [`DecodeError`].
    fn from_new(event: &NewEvent) -> Result<Self, DecodeError> {
        decode(event.event_type().as_str(), event.content(), event.data())
    }
}

/// Why an event could not be read as a type of the application.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The application knows no such event type.
    #[error("the event type {event_type} is unknown; known are {known}")]
    UnknownType {
        /// The type.
        event_type: String,
        /// The types that are known.
        known: String,
    },
    /// The data is not what the type needs.
    #[error("the data of an event of type {event_type} cannot be read: {reason}")]
    Data {
        /// The type.
        event_type: String,
        /// What serde says.
        reason: String,
    },
}

/// What to do with an event whose type the application does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownTypes {
    /// Fail: an event that is left out by mistake makes a wrong state.
    #[default]
    Fail,
    /// Leave it out.
    Skip,
}

/// An event as the reader asked for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed<E> {
    /// One of the types that the application knows.
    Known(E),
    /// Passed through as it is stored.
    Unknown(RecordedEvent),
}

impl<E: DomainEvent> Typed<E> {
    /// Reads an event and passes through what the application does not know.
    ///
    /// # Errors
    /// [`DecodeError::Data`].
    pub fn from_recorded(event: &RecordedEvent) -> Result<Self, DecodeError> {
        match E::from_recorded(event) {
            Err(DecodeError::UnknownType { .. }) => Ok(Self::Unknown(event.clone())),
            other => other.map(Self::Known),
        }
    }
}

fn decode<E: DeserializeOwned>(event_type: &str, content: &ContentType, data: &[u8]) -> Result<E, DecodeError> {
    let reading = Reading { event_type, data };
    let failure = match content {
        ContentType::Json => match E::deserialize(reading) {
            Ok(event) => return Ok(event),
            Err(failure) => failure,
        },
        ContentType::Bytes(media_type) => Failure::Other(format!("it is {media_type}, not JSON")),
    };
    let event_type = event_type.to_owned();
    Err(match failure {
        Failure::UnknownVariant(known) => DecodeError::UnknownType { event_type, known },
        Failure::Other(reason) => DecodeError::Data { event_type, reason },
    })
}

/// The one member of an object: the variant's name and its content.
struct Variant<'a> {
    name: String,
    content: &'a RawValue,
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Variant<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneMember;
        impl<'de> Visitor<'de> for OneMember {
            type Value = Variant<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an enum variant")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Variant<'de>, A::Error> {
                let none = || serde::de::Error::invalid_length(0, &self);
                let (name, content) = map.next_entry()?.ok_or_else(none)?;
                Ok(Variant { name, content })
            }
        }
        deserializer.deserialize_map(OneMember)
    }
}

/// An event as an enum: the type is the variant, the data its content.
struct Reading<'a> {
    event_type: &'a str,
    data: &'a [u8],
}

#[derive(Debug)]
enum Failure {
    UnknownVariant(String),
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVariant(known) => write!(f, "an unknown type; known are {known}"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Failure {}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownVariant(known.join(", "))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl<'de> Deserializer<'de> for Reading<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Reading<'de> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Failure> {
        let name: StrDeserializer<'_, Failure> = serde::de::IntoDeserializer::into_deserializer(self.event_type);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Reading<'de> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        let mut json = serde_json::Deserializer::from_slice(self.data);
        Ok(seed.deserialize(&mut json)?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        let mut json = serde_json::Deserializer::from_slice(self.data);
        Ok(json.deserialize_tuple(len, visitor)?)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Failure> {
        let mut json = serde_json::Deserializer::from_slice(self.data);
        Ok(json.deserialize_struct("", fields, visitor)?)
    }
}
