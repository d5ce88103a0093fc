//! The published schemas, one per topic, and their stored earlier versions.

use apache_avro::Schema;
use clockstop_pipeline::Topic;
use std::sync::LazyLock;

const REFERRAL: &str = include_str!("../avro/referral.avsc");
const DIAGNOSIS: &str = include_str!("../avro/diagnosis.avsc");
const TREATMENT: &str = include_str!("../avro/treatment.avsc");

/// The schema of the alert topic and of its history, as JSON.
pub const ALERT_SCHEMA: &str = include_str!("../avro/alert.avsc");

/// The schema of an event topic, as JSON.
#[must_use]
pub const fn event_schema_json(topic: Topic) -> &'static str {
    match topic {
        Topic::Referral => REFERRAL,
        Topic::Diagnosis => DIAGNOSIS,
        Topic::Treatment => TREATMENT,
    }
}

static SCHEMAS: LazyLock<[Schema; 3]> =
    LazyLock::new(|| Topic::ALL.map(|topic| parse(event_schema_json(topic))));

static ALERT: LazyLock<Schema> = LazyLock::new(|| parse(ALERT_SCHEMA));

#[expect(
    clippy::expect_used,
    reason = "the schemas are part of this crate and parsed by its tests"
)]
fn parse(schema: &str) -> Schema {
    Schema::parse_str(schema).expect("a published schema is Avro")
}

pub(crate) fn event_schema(topic: Topic) -> &'static Schema {
    let [referral, diagnosis, treatment] = &*SCHEMAS;
    match topic {
        Topic::Referral => referral,
        Topic::Diagnosis => diagnosis,
        Topic::Treatment => treatment,
    }
}

pub(crate) fn alert_schema() -> &'static Schema {
    &ALERT
}

#[cfg(test)]
mod tests {
    use super::{ALERT_SCHEMA, event_schema, event_schema_json};
    use apache_avro::Schema;
    use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
    use clockstop_pipeline::{Day, EventType, FieldVisitor, Text, Topic};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn full(a: &str, b: &str) -> bool {
        let [a, b] = [a, b].map(|text| Schema::parse_str(text).expect("a schema"));
        SchemaCompatibility::mutual_read(&a, &b).is_ok_and(|c| c == Compatibility::Full)
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the stored versions are files of this crate"
    )]
    fn every_schema_is_full_compatible_with_every_stored_version() {
        let current = Topic::ALL.map(|topic| (topic.name(), event_schema_json(topic)));
        for (name, schema) in current.into_iter().chain([("alert", ALERT_SCHEMA)]) {
            let history = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("avro/history")
                .join(format!("cancer.{name}-value"));
            let versions: Vec<_> = std::fs::read_dir(history)
                .expect("a stored version")
                .map(|entry| entry.expect("readable").path())
                .collect();
            assert!(!versions.is_empty(), "{name} has no stored version");
            for version in versions {
                let stored = std::fs::read_to_string(&version).expect("readable");
                assert!(
                    full(schema, &stored),
                    "{name} against {}",
                    version.display()
                );
            }
        }
    }

    #[test]
    fn a_schema_that_readers_could_not_follow_is_seen() {
        let schema = event_schema_json(Topic::Treatment);
        let new_field = r#"{"name": "event_id", "type": "string"}, {"name": "event_id""#;
        let new_field = new_field.replacen("event_id", "later", 1);
        for (from, to) in [
            (r#"{"name": "event_id""#, &*new_field),
            ("\"source_system\"", "\"source\""),
            (r#"["null", "int"]"#, r#"["null", "boolean"]"#),
        ] {
            let changed = schema.replace(from, to);
            assert_ne!(changed, schema);
            assert!(!full(&changed, schema), "{to}");
        }
    }

    #[derive(Default)]
    struct Expected(BTreeSet<(&'static str, &'static str)>);

    impl FieldVisitor for Expected {
        fn day(&mut self, name: &'static str, _: &mut Option<Day>) {
            self.0.insert((name, "date"));
        }
        fn text(&mut self, name: &'static str, _: &mut Option<Text>) {
            self.0.insert((name, "string"));
        }
        fn number(&mut self, name: &'static str, _: &mut Option<u16>) {
            self.0.insert((name, "int"));
        }
        fn flag(&mut self, name: &'static str, _: &mut Option<bool>) {
            self.0.insert((name, "boolean"));
        }
    }

    fn kind(schema: &Schema) -> &'static str {
        let known = [
            (Schema::Date, "date"),
            (Schema::String, "string"),
            (Schema::Int, "int"),
            (Schema::Boolean, "boolean"),
        ];
        let found = known.iter().find(|(known, _)| known == schema);
        found.map_or("another type", |(_, name)| name)
    }

    const HEAD: [&str; 9] = [
        "event_id",
        "event_type",
        "recorded_at",
        "source_system",
        "patient_pathway_identifier",
        "organisation_identifier_issuer",
        "nhs_number",
        "local_patient_identifier",
        "entered_in_error",
    ];

    #[test]
    fn the_schemas_have_the_fields_of_the_facts() {
        for topic in Topic::ALL {
            let mut expected = Expected::default();
            for event_type in EventType::ALL.iter().filter(|of| of.topic() == topic) {
                event_type.blank().visit(&mut expected);
                expected
                    .0
                    .extend(event_type.item_field().map(|name| (name, "string")));
            }
            let Schema::Record(record) = event_schema(topic) else {
                panic!("{} is no record", topic.name());
            };
            let (head, fields) = record.fields.split_at(HEAD.len());
            assert!(head.iter().map(|field| &*field.name).eq(HEAD));
            let mut found = BTreeSet::new();
            for field in fields {
                let Schema::Union(union) = &field.schema else {
                    panic!("{} is not nullable", field.name);
                };
                let [Schema::Null, inner] = union.variants() else {
                    panic!("{} is not null or one type", field.name);
                };
                assert_eq!(
                    field.default,
                    Some(serde_json::Value::Null),
                    "{}",
                    field.name
                );
                assert!(found.insert((&*field.name, kind(inner))), "{}", field.name);
            }
            assert_eq!(found, expected.0, "{}", topic.name());
            assert!(record.fields.iter().all(|field| field.doc.is_some()));
        }
    }

    #[test]
    fn the_topics_share_one_list_of_event_types() {
        let names = EventType::ALL.iter().map(|of| of.name()).chain(["unknown"]);
        let names: Vec<_> = names.collect();
        for topic in Topic::ALL {
            let Schema::Record(record) = event_schema(topic) else {
                panic!("{} is no record", topic.name());
            };
            let field = record.fields.get(1).expect("the head");
            let Schema::Enum(types) = &field.schema else {
                panic!("event_type is no enum");
            };
            assert_eq!(types.symbols, names);
            assert_eq!(types.default.as_deref(), Some("unknown"));
        }
    }
}
