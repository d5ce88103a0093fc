//! The schema registry over Confluent's REST API. Calls block; schemas and ids are remembered, for
//! neither ever changes.

mod error;
mod exchange;

pub use error::RegistryError;

use crate::config;
use clockstop_schemas::Compatible;
use exchange::{Exchange, No};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use ureq::http::Method;

const SUBJECT_NOT_FOUND: u64 = 40401;
const SCHEMA_NOT_FOUND: u64 = 40403;
const INCOMPATIBLE: u64 = 409;

/// A registry, and what it has said.
#[derive(Clone, Debug)]
pub struct Registry {
    exchange: Exchange,
    schemas: BTreeMap<u32, Arc<str>>,
    ids: BTreeMap<(String, String), u32>,
}

impl Registry {
    /// The registry of the settings; nothing is asked yet.
    #[must_use]
    pub fn of(settings: &config::Registry) -> Self {
        Self {
            exchange: Exchange::new(settings),
            schemas: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }

    /// A registry that asks for no password, `http://host:port`; nothing is asked yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self::of(&config::Registry::at(url))
    }

    /// Registers the schema of a topic's values, unless it is registered, and returns its id.
    ///
    /// # Errors
    /// [`RegistryError::Incompatible`] when it may not follow the topic's other schemas.
    pub fn register(&mut self, topic: &str, schema: &str) -> Result<u32, RegistryError> {
        let known = (topic.to_owned(), schema.to_owned());
        if let Some(&id) = self.ids.get(&known) {
            return Ok(id);
        }
        let subject = subject(topic);
        let path = format!("/subjects/{subject}/versions");
        let answer = self.post(&path, schema)?;
        let answer = answer.map_err(|no| self.refused(no, &subject))?;
        let id = answer.get("id").and_then(Value::as_u64);
        let id = id.and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| self.not_a_registry())?;
        self.ids.insert(known, id);
        self.schemas.insert(id, schema.into());
        Ok(id)
    }

    /// The schema with this id.
    ///
    /// # Errors
    /// [`RegistryError::UnknownId`] when the registry has none.
    pub fn schema(&mut self, id: u32) -> Result<Arc<str>, RegistryError> {
        if let Some(schema) = self.schemas.get(&id) {
            return Ok(schema.clone());
        }
        let answer = self
            .exchange
            .call(Method::GET, &format!("/schemas/ids/{id}"), None)?;
        let answer = answer.map_err(|no| match no.code {
            SCHEMA_NOT_FOUND => RegistryError::UnknownId { id },
            _ => self.refused(no, ""),
        })?;
        let schema = answer.get("schema").and_then(Value::as_str);
        let schema: Arc<str> = schema.ok_or_else(|| self.not_a_registry())?.into();
        self.schemas.insert(id, schema.clone());
        Ok(schema)
    }

    /// Checks that the schema may follow those of the topic's values; a topic without any allows all.
    ///
    /// # Errors
    /// [`RegistryError::Incompatible`] when it may not.
    pub fn check(&self, topic: &str, schema: &str) -> Result<(), RegistryError> {
        let subject = subject(topic);
        let path = format!("/compatibility/subjects/{subject}/versions?verbose=true");
        let answer = match self.post(&path, schema)? {
            Err(no) if no.code == SUBJECT_NOT_FOUND => return Ok(()),
            answer => answer.map_err(|no| self.refused(no, &subject))?,
        };
        match answer.get("is_compatible").and_then(Value::as_bool) {
            Some(true) => Ok(()),
            Some(false) => {
                let first = answer.pointer("/messages/0").and_then(Value::as_str);
                let message = first.unwrap_or("no reason given").into();
                Err(RegistryError::Incompatible { subject, message })
            }
            None => Err(self.not_a_registry()),
        }
    }

    /// Asks the registry to hold the schemas of the topic's values to `FULL_TRANSITIVE`.
    ///
    /// # Errors
    /// When it does not.
    pub fn require_full_transitive(&self, topic: &str) -> Result<(), RegistryError> {
        let subject = subject(topic);
        let body = json!({ "compatibility": Compatible::FullTransitive.name() });
        let answer = self
            .exchange
            .call(Method::PUT, &format!("/config/{subject}"), Some(&body))?;
        answer.map(drop).map_err(|no| self.refused(no, &subject))
    }

    fn post(&self, path: &str, schema: &str) -> Result<Result<Value, No>, RegistryError> {
        let body = json!({ "schemaType": "AVRO", "schema": schema });
        self.exchange.call(Method::POST, path, Some(&body))
    }

    fn refused(&self, no: No, subject: &str) -> RegistryError {
        if no.code == INCOMPATIBLE {
            return RegistryError::Incompatible {
                subject: subject.into(),
                message: no.message,
            };
        }
        RegistryError::Refused {
            url: self.exchange.url().to_owned(),
            code: no.code,
            message: no.message,
        }
    }

    fn not_a_registry(&self) -> RegistryError {
        self.exchange.not_a_registry()
    }
}

fn subject(topic: &str) -> String {
    format!("{topic}-value")
}

#[cfg(test)]
mod tests {
    use super::{Registry, RegistryError};
    use crate::registry_server::RegistryServer;
    use clockstop_pipeline::Topic;
    use clockstop_schemas::{ALERT_SCHEMA, event_schema_json};

    const TOPIC: &str = "cancer.referral";

    #[test]
    fn a_schema_keeps_its_id_and_comes_back_by_it() {
        let server = RegistryServer::start(0).expect("a free port");
        let mut registry = Registry::new(server.url());
        let schema = event_schema_json(Topic::Referral);
        registry.require_full_transitive(TOPIC).expect("set");
        let id = registry.register(TOPIC, schema).expect("registered");
        let mut other = Registry::new(&format!("{}/", server.url()));
        assert_eq!(&*other.schema(id).expect("known"), schema);
        assert_eq!(other.register(TOPIC, schema).expect("registered"), id);
        let alert = other
            .register("cancer.alert", ALERT_SCHEMA)
            .expect("registered");
        assert_ne!(alert, id);
        assert_eq!(
            other
                .register("cancer.alert-history", ALERT_SCHEMA)
                .expect("registered"),
            alert
        );
        drop(server);
        assert_eq!(&*registry.schema(id).expect("remembered"), schema);
        assert!(registry.schema(id + 7).expect_err("gone").may_pass());
    }

    #[test]
    fn what_readers_could_not_follow_is_refused() {
        let server = RegistryServer::start(0).expect("a free port");
        let mut registry = Registry::new(server.url());
        let schema = event_schema_json(Topic::Referral);
        let changed = schema.replace("\"source_system\"", "\"source\"");
        registry
            .check(TOPIC, &changed)
            .expect("nothing to follow yet");
        registry.require_full_transitive(TOPIC).expect("set");
        registry.register(TOPIC, schema).expect("registered");
        registry.check(TOPIC, schema).expect("the same");
        for error in [
            registry.check(TOPIC, &changed).expect_err("incompatible"),
            registry
                .register(TOPIC, &changed)
                .expect_err("incompatible"),
        ] {
            assert!(
                matches!(error, RegistryError::Incompatible { .. }),
                "{error}"
            );
            assert!(
                error.to_string().contains("cancer.referral-value"),
                "{error}"
            );
        }
    }

    #[test]
    fn errors_are_told_apart() {
        let server = RegistryServer::start(0).expect("a free port");
        let mut registry = Registry::new(server.url());
        let unknown = registry.schema(3).expect_err("nothing is there");
        assert!(
            matches!(unknown, RegistryError::UnknownId { id: 3 }),
            "{unknown}"
        );
        let refused = registry.register(TOPIC, "{").expect_err("no schema");
        assert!(
            matches!(refused, RegistryError::Refused { code: 42201, .. }),
            "{refused}"
        );
        let url = server.url().to_owned();
        drop(server);
        let gone = Registry::new(&url).schema(3).expect_err("nobody is there");
        assert!(matches!(gone, RegistryError::Unreachable { .. }), "{gone}");
        assert!(gone.may_pass() && !unknown.may_pass() && !refused.may_pass());
    }
}
