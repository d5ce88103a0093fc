//! The schema registry over Confluent's REST API. Calls block; schemas and ids are remembered, for
//! neither ever changes.

use clockstop_schemas::Compatible;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE_CALL: Duration = Duration::from_secs(10);
const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const SUBJECT_NOT_FOUND: u64 = 40401;
const SCHEMA_NOT_FOUND: u64 = 40403;
const INCOMPATIBLE: u64 = 409;

/// Why the registry did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There was no answer; it may come later.
    #[error(
        "no answer from the schema registry at {url}: check the address, and that it is running"
    )]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What went wrong.
        #[source]
        source: Box<ureq::Error>,
    },
    /// It cannot answer at the moment; it may later.
    #[error("the schema registry at {url} answers with status {status}: look at its log")]
    Unavailable {
        /// Where it is.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// It does not know the id: the producer registered its schema elsewhere, or not yet.
    #[error("schema id {id} is not in the registry: producers must register their schemas here")]
    UnknownId {
        /// The id.
        id: u32,
    },
    /// The schema may not follow those of the subject.
    #[error(
        "the schema is not compatible with those of {subject} ({message}): change it so that every version can read every other"
    )]
    Incompatible {
        /// The subject.
        subject: String,
        /// The registry's words.
        message: String,
    },
    /// It refused for another reason.
    #[error(
        "the schema registry at {url} refused: {message} (error {code}): check its permissions and settings"
    )]
    Refused {
        /// Where it is.
        url: String,
        /// The registry's error code, or the HTTP status.
        code: u64,
        /// The registry's words.
        message: String,
    },
    /// The answer is not what the API promises.
    #[error("the answer of {url} is not a schema registry's: check the address")]
    NotARegistry {
        /// Where it was looked for.
        url: String,
    },
}

impl RegistryError {
    /// Whether the same call may succeed later without a change.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unavailable { .. })
    }
}

/// A registry, and what it has said.
#[derive(Debug)]
pub struct Registry {
    url: String,
    agent: Agent,
    schemas: BTreeMap<u32, Arc<str>>,
    ids: BTreeMap<(String, String), u32>,
}

impl Registry {
    /// The registry at this address, `http://host:port`; nothing is asked yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE_CALL))
            .build();
        Self {
            url: url.trim_end_matches('/').into(),
            agent: config.into(),
            schemas: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
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
        let answer = self.call(Method::GET, &format!("/schemas/ids/{id}"), None)?;
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
        let answer = self.call(Method::PUT, &format!("/config/{subject}"), Some(&body))?;
        answer.map(drop).map_err(|no| self.refused(no, &subject))
    }

    fn post(&self, path: &str, schema: &str) -> Result<Result<Value, No>, RegistryError> {
        let body = json!({ "schemaType": "AVRO", "schema": schema });
        self.call(Method::POST, path, Some(&body))
    }

    /// One exchange: an answer, or the registry's own error.
    fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, No>, RegistryError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", MEDIA_TYPE)
            .header("accept", MEDIA_TYPE)
            .body(body.map(Value::to_string).unwrap_or_default());
        let request = request.map_err(|_| self.not_a_registry())?;
        let answered = self.agent.run(request);
        let answered = answered.and_then(|mut response| {
            let text = response.body_mut().read_to_string()?;
            Ok((response, text))
        });
        let (response, text) = answered.map_err(|error| RegistryError::Unreachable {
            url: self.url.clone(),
            source: Box::new(error),
        })?;
        self.read(&response, &text)
    }

    fn read(
        &self,
        response: &Response<Body>,
        text: &str,
    ) -> Result<Result<Value, No>, RegistryError> {
        let status = response.status();
        if status.is_server_error() {
            return Err(RegistryError::Unavailable {
                url: self.url.clone(),
                status: status.as_u16(),
            });
        }
        let answer: Option<Value> = serde_json::from_str(text).ok();
        if status.is_success() {
            return answer.map(Ok).ok_or_else(|| self.not_a_registry());
        }
        let member = |name| answer.as_ref().and_then(|answer| answer.get(name));
        let code = member("error_code").and_then(Value::as_u64);
        let message = member("message").and_then(Value::as_str);
        Ok(Err(No {
            code: code.unwrap_or_else(|| status.as_u16().into()),
            message: message.unwrap_or("no reason given").into(),
        }))
    }

    fn refused(&self, no: No, subject: &str) -> RegistryError {
        if no.code == INCOMPATIBLE {
            return RegistryError::Incompatible {
                subject: subject.into(),
                message: no.message,
            };
        }
        RegistryError::Refused {
            url: self.url.clone(),
            code: no.code,
            message: no.message,
        }
    }

    fn not_a_registry(&self) -> RegistryError {
        RegistryError::NotARegistry {
            url: self.url.clone(),
        }
    }
}

/// The registry's own error.
struct No {
    code: u64,
    message: String,
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
