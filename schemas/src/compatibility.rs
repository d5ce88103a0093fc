//! Whether a new version of a schema may follow the stored ones: what a schema registry enforces.

use apache_avro::Schema;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};

/// The compatibility that a subject asks for, by Confluent's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compatible {
    /// Nothing is asked.
    None,
    /// The new version reads what the last one wrote.
    Backward,
    /// The new version reads what every version wrote.
    BackwardTransitive,
    /// The last version reads what the new one writes.
    Forward,
    /// Every version reads what the new one writes.
    ForwardTransitive,
    /// Both, with the last version.
    Full,
    /// Both, with every version.
    FullTransitive,
}

impl Compatible {
    const ALL: [Self; 7] = [
        Self::None,
        Self::Backward,
        Self::BackwardTransitive,
        Self::Forward,
        Self::ForwardTransitive,
        Self::Full,
        Self::FullTransitive,
    ];

    /// The name in the registry's API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Backward => "BACKWARD",
            Self::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Self::Forward => "FORWARD",
            Self::ForwardTransitive => "FORWARD_TRANSITIVE",
            Self::Full => "FULL",
            Self::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.name() == name)
    }

    const fn is_transitive(self) -> bool {
        matches!(
            self,
            Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive
        )
    }

    const fn reads_old(self) -> bool {
        matches!(
            self,
            Self::Backward | Self::BackwardTransitive | Self::Full | Self::FullTransitive
        )
    }

    const fn is_read_by_old(self) -> bool {
        matches!(
            self,
            Self::Forward | Self::ForwardTransitive | Self::Full | Self::FullTransitive
        )
    }
}

/// A text that is not an Avro schema.
#[derive(Debug, thiserror::Error)]
#[error("not an Avro schema")]
pub struct NotAvro(#[source] Box<apache_avro::Error>);

/// Why `new` may not follow the `stored` versions, oldest first; nothing when it may.
///
/// # Errors
/// When one of them is not an Avro schema.
pub fn incompatibilities(
    asked: Compatible,
    new: &str,
    stored: &[&str],
) -> Result<Vec<String>, NotAvro> {
    let new = parse(new)?;
    let compared = match stored {
        [.., last] if !asked.is_transitive() => core::slice::from_ref(last),
        all => all,
    };
    let mut found = Vec::new();
    for old in compared {
        let old = parse(old)?;
        if asked.reads_old() {
            found.extend(
                unreadable(&old, &new)
                    .map(|why| format!("the new schema cannot read the old: {why}")),
            );
        }
        if asked.is_read_by_old() {
            found.extend(
                unreadable(&new, &old)
                    .map(|why| format!("the old schema cannot read the new: {why}")),
            );
        }
    }
    Ok(found)
}

fn parse(schema: &str) -> Result<Schema, NotAvro> {
    Schema::parse_str(schema).map_err(|error| NotAvro(Box::new(error)))
}

fn unreadable(writer: &Schema, reader: &Schema) -> Option<String> {
    match SchemaCompatibility::can_read(writer, reader) {
        Ok(Compatibility::Full) => None,
        Ok(Compatibility::Partial) => Some("only some values could be read".into()),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Compatible, incompatibilities};

    const ONE: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;
    const OPTIONAL: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}"#;
    const REQUIRED: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}"#;

    fn may_follow(name: &str, new: &str, stored: &[&str]) -> bool {
        let asked = Compatible::from_name(name).expect("a name");
        incompatibilities(asked, new, stored)
            .expect("schemas")
            .is_empty()
    }

    #[test]
    fn each_direction_is_checked_where_it_is_asked() {
        for (name, optional, required, narrowed) in [
            ("NONE", true, true, true),
            ("BACKWARD", true, false, true),
            ("FORWARD", true, true, false),
            ("FULL", true, false, false),
            ("FULL_TRANSITIVE", true, false, false),
        ] {
            assert_eq!(may_follow(name, OPTIONAL, &[ONE]), optional, "{name}");
            assert_eq!(may_follow(name, REQUIRED, &[ONE]), required, "{name}");
            assert_eq!(may_follow(name, ONE, &[REQUIRED]), narrowed, "{name}");
        }
    }

    #[test]
    fn transitive_is_with_every_version() {
        let stored = [ONE, OPTIONAL];
        assert!(may_follow("BACKWARD", REQUIRED, &stored));
        assert!(!may_follow("BACKWARD_TRANSITIVE", REQUIRED, &stored));
        assert!(may_follow("FULL_TRANSITIVE", ONE, &[]));
    }

    #[test]
    fn what_is_no_schema_is_said() {
        assert!(incompatibilities(Compatible::Full, "{}", &[]).is_err());
    }
}
