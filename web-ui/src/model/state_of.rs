//! Whose state is looked at.

/// Whose state is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum StateOf {
    /// The stream of the event at the cursor.
    #[default]
    Selected,
    /// This stream, wherever the cursor goes.
    Stream(String),
    /// The whole log.
    Log,
    /// A partition of a projection; the unnamed one is `""`.
    Projection {
        /// The name of the projection.
        name: String,
        /// The name of the partition.
        partition: String,
    },
}

impl StateOf {
    /// A projection that has no partitions.
    #[must_use]
    pub fn projection(name: &str) -> Self {
        Self::Projection { name: name.to_owned(), partition: String::new() }
    }

    /// How an address names it; `None` for the stream of the event at the cursor, which needs no name.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Selected => None,
            Self::Stream(name) => Some(format!("stream:{name}")),
            Self::Log => Some("log".to_owned()),
            Self::Projection { name, partition } if partition.is_empty() => {
                Some(format!("projection:{}", escaped(name)))
            }
            Self::Projection { name, partition } => Some(format!("projection:{}:{partition}", escaped(name))),
        }
    }

    /// What an address names; `None` when it names nothing.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        if key == "log" {
            return Some(Self::Log);
        }
        let (kind, name) = key.split_once(':').filter(|(_, name)| !name.is_empty())?;
        match kind {
            "stream" => Some(Self::Stream(name.to_owned())),
            "projection" => {
                let (name, partition) = name.split_once(':').unwrap_or((name, ""));
                let name = name.replace("~1", ":").replace("~0", "~");
                Some(Self::Projection { name, partition: partition.to_owned() })
            }
            _ => None,
        }
    }
}

/// A colon ends the name of a projection.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace(':', "~1")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_an_address_names_comes_back(name in ".{1,12}", partition in ".{0,12}", kind in 0..3) {
            let of = match kind {
                0 => StateOf::Stream(name),
                1 => StateOf::Log,
                _ => StateOf::Projection { name, partition },
            };
            prop_assert_eq!(of.key().and_then(|key| StateOf::of_key(&key)), Some(of));
        }
    }

    #[test]
    fn addresses_read_well() {
        assert_eq!(StateOf::projection("warehouse-board").key().as_deref(), Some("projection:warehouse-board"));
        assert_eq!(StateOf::Stream("order-1".to_owned()).key().as_deref(), Some("stream:order-1"));
        assert_eq!(StateOf::Selected.key(), None);
        assert_eq!(["", "stream:", "what:x", "logs"].map(StateOf::of_key), [None, None, None, None]);
    }
}
