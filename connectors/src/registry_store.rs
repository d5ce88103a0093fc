//! What the in-process schema registry holds, and its answers: Confluent's, error codes included.

use clockstop_schemas::{Compatible, incompatibilities};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("subject '{0}' not found")]
    SubjectNotFound(String),
    #[error("version not found")]
    VersionNotFound,
    #[error("schema not found")]
    SchemaNotFound,
    #[error("subject '{0}' does not have subject-level compatibility configured")]
    NotConfigured(String),
    #[error("{0}")]
    Incompatible(String),
    #[error("{0}")]
    InvalidSchema(String),
    #[error("the specified version is not a valid version id or 'latest'")]
    InvalidVersion,
    #[error("invalid compatibility level")]
    InvalidLevel,
}

impl Problem {
    /// Confluent's error code; its first three digits are the HTTP status.
    pub(crate) const fn code(&self) -> u32 {
        match self {
            Self::SubjectNotFound(_) => 40401,
            Self::VersionNotFound => 40402,
            Self::SchemaNotFound => 40403,
            Self::NotConfigured(_) => 40408,
            Self::Incompatible(_) => 409,
            Self::InvalidSchema(_) => 42201,
            Self::InvalidVersion => 42202,
            Self::InvalidLevel => 42203,
        }
    }
}

struct Stored {
    text: String,
    parsed: Value,
}

/// Schemas by id, subjects with their versions, and the compatibility they ask for.
pub(crate) struct Store {
    schemas: Vec<Stored>,
    /// The ids of a subject's versions, in order; version numbers are consecutive from 1.
    subjects: BTreeMap<String, Vec<usize>>,
    compatibility: BTreeMap<String, Compatible>,
    default: Compatible,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            schemas: Vec::new(),
            subjects: BTreeMap::new(),
            compatibility: BTreeMap::new(),
            default: Compatible::Backward,
        }
    }
}

type Answer = Result<Value, Problem>;

impl Store {
    pub(crate) fn subjects(&self) -> Value {
        json!(self.subjects.keys().collect::<Vec<_>>())
    }

    pub(crate) fn versions(&self, subject: &str) -> Answer {
        let ids = self.ids(subject)?;
        Ok(json!((1..=ids.len()).collect::<Vec<_>>()))
    }

    pub(crate) fn version(&self, subject: &str, version: &str) -> Answer {
        let index = self.index(subject, version)?;
        let id = *self
            .ids(subject)?
            .get(index)
            .ok_or(Problem::VersionNotFound)?;
        self.described(subject, index, id)
    }

    pub(crate) fn schema(&self, id: &str) -> Answer {
        let id = id.parse().map_err(|_| Problem::SchemaNotFound)?;
        Ok(json!({ "schema": self.stored(id)?.text }))
    }

    /// The version of the subject that has this schema.
    pub(crate) fn look_up(&self, subject: &str, request: &Value) -> Answer {
        let (_, parsed) = requested(request)?;
        let ids = self.ids(subject)?;
        let same = |id: &usize| self.stored(*id).is_ok_and(|stored| stored.parsed == parsed);
        let index = ids.iter().position(same).ok_or(Problem::SchemaNotFound)?;
        let id = *ids.get(index).ok_or(Problem::SchemaNotFound)?;
        self.described(subject, index, id)
    }

    pub(crate) fn register(&mut self, subject: &str, request: &Value) -> Answer {
        if let Ok(known) = self.look_up(subject, request) {
            return Ok(json!({ "id": known.get("id") }));
        }
        let (text, parsed) = requested(request)?;
        let found = against(self.asked(subject), &text, &self.texts(subject))?;
        if let Some(first) = found.first() {
            return Err(Problem::Incompatible(format!(
                "schema being registered is incompatible with an earlier schema for subject \"{subject}\": {first}"
            )));
        }
        let id = self.id_of(text, parsed);
        self.subjects.entry(subject.into()).or_default().push(id);
        Ok(json!({ "id": id }))
    }

    /// Whether the schema may follow one version, or every version that the subject's setting asks for.
    pub(crate) fn check(&self, subject: &str, version: Option<&str>, request: &Value) -> Answer {
        let (text, _) = requested(request)?;
        let texts = self.texts(subject);
        let compared = match version {
            Some(version) => {
                let index = self.index(subject, version)?;
                let stored = texts.get(index).ok_or(Problem::VersionNotFound)?;
                vec![*stored]
            }
            None => texts,
        };
        let found = against(self.asked(subject), &text, &compared)?;
        Ok(json!({ "is_compatible": found.is_empty(), "messages": found }))
    }

    pub(crate) fn setting(&self, subject: Option<&str>) -> Answer {
        let level = match subject {
            None => self.default,
            Some(subject) => *self
                .compatibility
                .get(subject)
                .ok_or_else(|| Problem::NotConfigured(subject.into()))?,
        };
        Ok(json!({ "compatibilityLevel": level.name() }))
    }

    pub(crate) fn set(&mut self, subject: Option<&str>, request: &Value) -> Answer {
        let name = request.get("compatibility").and_then(Value::as_str);
        let level = name
            .and_then(Compatible::from_name)
            .ok_or(Problem::InvalidLevel)?;
        match subject {
            None => self.default = level,
            Some(subject) => {
                self.compatibility.insert(subject.into(), level);
            }
        }
        Ok(json!({ "compatibility": level.name() }))
    }

    fn asked(&self, subject: &str) -> Compatible {
        let own = self.compatibility.get(subject);
        own.copied().unwrap_or(self.default)
    }

    fn texts(&self, subject: &str) -> Vec<&str> {
        let ids = self.subjects.get(subject).into_iter().flatten();
        ids.filter_map(|&id| self.stored(id).ok())
            .map(|stored| &*stored.text)
            .collect()
    }

    /// A schema has one id, under however many subjects.
    fn id_of(&mut self, text: String, parsed: Value) -> usize {
        let known = self.schemas.iter().position(|of| of.parsed == parsed);
        if let Some(index) = known {
            return index + 1;
        }
        self.schemas.push(Stored { text, parsed });
        self.schemas.len()
    }

    fn stored(&self, id: usize) -> Result<&Stored, Problem> {
        let index = id.checked_sub(1).ok_or(Problem::SchemaNotFound)?;
        self.schemas.get(index).ok_or(Problem::SchemaNotFound)
    }

    fn ids(&self, subject: &str) -> Result<&[usize], Problem> {
        let ids = self.subjects.get(subject);
        ids.map(Vec::as_slice)
            .ok_or_else(|| Problem::SubjectNotFound(subject.into()))
    }

    fn index(&self, subject: &str, version: &str) -> Result<usize, Problem> {
        let count = self.ids(subject)?.len();
        let version = match version {
            "latest" | "-1" => count,
            number => number.parse().map_err(|_| Problem::InvalidVersion)?,
        };
        version.checked_sub(1).ok_or(Problem::InvalidVersion)
    }

    fn described(&self, subject: &str, index: usize, id: usize) -> Answer {
        let schema = &self.stored(id)?.text;
        Ok(json!({ "subject": subject, "version": index + 1, "id": id, "schema": schema }))
    }
}

fn against(asked: Compatible, new: &str, stored: &[&str]) -> Result<Vec<String>, Problem> {
    incompatibilities(asked, new, stored).map_err(|error| Problem::InvalidSchema(error.to_string()))
}

fn requested(request: &Value) -> Result<(String, Value), Problem> {
    let invalid = || Problem::InvalidSchema("the request has no Avro schema".into());
    let kind = request.get("schemaType").and_then(Value::as_str);
    if kind.is_some_and(|kind| kind != "AVRO") {
        return Err(invalid());
    }
    let text = request
        .get("schema")
        .and_then(Value::as_str)
        .ok_or_else(invalid)?;
    let parsed = serde_json::from_str(text).map_err(|_| invalid())?;
    Ok((text.into(), parsed))
}
