//! Settings by name from three sources; every problem is kept, so that all are told at once.

use super::nearest::nearest;
use super::security::{IN_A_FILE, read_secret};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What is wrong with one setting, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    setting: String,
    message: String,
}

impl Problem {
    /// A problem of the setting.
    #[must_use]
    pub fn new(setting: &str, message: String) -> Self {
        Self {
            setting: setting.to_owned(),
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.message)
    }
}

impl std::error::Error for Problem {}

const VARIABLE: &str = "CLOCKSTOP_";
const TEST_VARIABLE: &str = "CLOCKSTOP_TEST_";
const PROPERTIES: &str = "kafka.properties.";

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    values: BTreeMap<String, Given>,
    problems: Vec<Problem>,
}

#[derive(Clone)]
enum Given {
    /// From the file, with its TOML type.
    Typed(Value),
    /// From the environment or an option; where exactly.
    Spelt { text: String, from: String },
}

/// A value may be a password.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.found())
    }
}

impl Given {
    fn found(&self) -> &'static str {
        match self {
            Self::Typed(Value::Integer(_)) => "a whole number",
            Self::Typed(Value::Float(_)) => "a decimal number",
            Self::Typed(Value::Boolean(_)) => "true or false",
            Self::Typed(Value::Array(_)) => "a list",
            Self::Typed(Value::Table(_)) => "a section",
            Self::Typed(Value::Datetime(_)) => "a date",
            Self::Typed(Value::String(_)) | Self::Spelt { .. } => "a text",
        }
    }
}

impl Sources {
    /// Sources that could not be read.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Adds the settings of a TOML file.
    pub fn add_file(&mut self, file: &Path) {
        match std::fs::read_to_string(file) {
            Ok(text) => self.add_toml(&text, &file.display().to_string()),
            Err(error) => {
                let message =
                    format!("cannot read the settings: {error}; name another file with --config");
                self.problems
                    .push(Problem::new(&file.display().to_string(), message));
            }
        }
    }

    /// Adds the settings of a TOML text; `name` is what problems call it.
    pub fn add_toml(&mut self, text: &str, name: &str) {
        match text.parse::<Table>() {
            Ok(table) => self.flatten("", table),
            Err(error) => {
                let before = error.span().and_then(|span| text.get(..span.start));
                let line = before.map_or(1, |before| before.matches('\n').count() + 1);
                let message = format!("line {line} is not TOML: {}", error.message());
                self.problems.push(Problem::new(name, message));
            }
        }
    }

    fn flatten(&mut self, prefix: &str, table: Table) {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            if let Value::Table(inner) = value {
                self.flatten(&format!("{name}."), inner);
            } else {
                self.values.insert(name, Given::Typed(value));
            }
        }
    }

    /// Adds the variables that begin with `CLOCKSTOP_`, but for those of the tests. In the name of a
    /// property of librdkafka an underscore stands for a point.
    pub fn add_environment(&mut self, variables: impl Iterator<Item = (OsString, OsString)>) {
        for (variable, text) in variables {
            // A name that is no text is none of ours.
            let variable = variable.to_str().unwrap_or_default();
            let Some(name) = variable.strip_prefix(VARIABLE) else {
                continue;
            };
            if variable.starts_with(TEST_VARIABLE) {
                continue;
            }
            let Ok(text) = text.into_string() else {
                let message = "is no text in UTF-8; set it again, or unset it".to_owned();
                self.problems.push(Problem::new(variable, message));
                continue;
            };
            let name = name.to_lowercase().replace("__", ".");
            let name = match name.strip_prefix(PROPERTIES) {
                Some(property) => format!("{PROPERTIES}{}", property_name(property)),
                None => name,
            };
            let from = format!(" (from {variable})");
            self.values.insert(name, Given::Spelt { text, from });
        }
    }

    /// Adds `section.key=value` options.
    pub fn add_options<'a>(&mut self, options: impl Iterator<Item = &'a str>) {
        for option in options {
            if let Some((name, text)) = option.split_once('=') {
                let from = " (from --set)".to_owned();
                let text = text.to_owned();
                let given = Given::Spelt { text, from };
                self.values.insert(name.to_owned(), given);
            } else {
                // Not shown: it may be a password.
                let message = "expected SECTION.KEY=VALUE, found one without `=`".to_owned();
                self.problems.push(Problem::new("--set", message));
            }
        }
    }
}

fn property_name(spelt: &str) -> String {
    match spelt.strip_suffix(IN_A_FILE) {
        Some(name) => format!("{}{IN_A_FILE}", name.replace('_', ".")),
        None => spelt.replace('_', "."),
    }
}

/// Hands out settings and keeps what is wrong with them.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    sources: &'s Sources,
    asked: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            asked: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn report(&mut self, setting: &str, message: String) {
        let from = match self.sources.values.get(setting) {
            Some(Given::Spelt { from, .. }) => from.as_str(),
            Some(Given::Typed(_)) | None => "",
        };
        let setting = format!("{setting}{from}");
        self.problems.push(Problem { setting, message });
    }

    fn given(&mut self, name: &str) -> Option<&'s Given> {
        self.asked.insert(name.to_owned());
        self.sources.values.get(name)
    }

    fn expected(&mut self, name: &str, what: &str, given: &Given) {
        self.report(name, format!("expected {what}, found {}", given.found()));
    }

    pub(super) fn optional_text(&mut self, name: &str, what: &str) -> Option<String> {
        match self.given(name)? {
            Given::Typed(Value::String(text)) | Given::Spelt { text, .. } if !text.is_empty() => {
                Some(text.clone())
            }
            Given::Typed(Value::String(_)) | Given::Spelt { .. } => {
                self.report(name, format!("is empty; expected {what}"));
                None
            }
            given @ Given::Typed(_) => {
                self.expected(name, what, given);
                None
            }
        }
    }

    pub(super) fn text(&mut self, name: &str, default: &str) -> String {
        let text = self.optional_text(name, "a text");
        text.unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn required_text(&mut self, name: &str, what: &str) -> String {
        if self.given(name).is_none() {
            self.report(name, format!("is not set; expected {what}"));
        }
        self.optional_text(name, what).unwrap_or_default()
    }

    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.optional_text(name, "a path").map(PathBuf::from)
    }

    pub(super) fn required_path(&mut self, name: &str) -> PathBuf {
        self.required_text(name, "the path of a 32-byte file")
            .into()
    }

    pub(super) fn url(&mut self, name: &str) -> String {
        let url = self.required_text(name, "the registry's address, http://host:port");
        if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
            self.report(
                name,
                "expected an address that begins with http:// or https://".to_owned(),
            );
        }
        let authority = url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            let message = "holds a user or a password; set registry.username and registry.password_file instead";
            self.report(name, message.to_owned());
        }
        url.trim_end_matches('/').to_owned()
    }

    /// A secret, or the file that holds it, which is called `<name>_file`.
    pub(super) fn secret(&mut self, name: &str) -> Option<String> {
        let in_a_file = format!("{name}{IN_A_FILE}");
        let secret = self.optional_text(name, "a password");
        let Some(file) = self.path(&in_a_file) else {
            return secret;
        };
        if secret.is_some() {
            self.report(
                &in_a_file,
                format!("is set beside {name}; remove one of them"),
            );
            return secret;
        }
        // What cannot be read is told here, and not as missing.
        let read = read_secret(&file).map_err(|message| self.report(&in_a_file, message));
        Some(read.unwrap_or_default())
    }

    pub(super) fn address(&mut self, name: &str, default: SocketAddr) -> SocketAddr {
        const WHAT: &str = "an address and a port, such as 127.0.0.1:8080";
        let Some(text) = self.optional_text(name, WHAT) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            self.report(name, format!("expected {WHAT}, found {text}"));
            default
        })
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let what = words.join(" or ");
        let Some(text) = self.optional_text(name, &what) else {
            return default;
        };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return *choice;
        }
        self.report(name, format!("expected {what}, found {text}"));
        default
    }

    pub(super) fn count(
        &mut self,
        name: &str,
        default: usize,
        range: RangeInclusive<u64>,
    ) -> usize {
        let number = u64::try_from(default).unwrap_or(u64::MAX);
        usize::try_from(self.number(name, number, range)).unwrap_or(default)
    }

    pub(super) fn number(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let what = format!("a whole number from {} to {}", range.start(), range.end());
        let number = match self.given(name) {
            None => return default,
            Some(Given::Typed(Value::Integer(number))) => u64::try_from(*number).ok(),
            Some(Given::Spelt { text, .. }) => text.parse().ok(),
            Some(given) => {
                self.expected(name, &what, given);
                return default;
            }
        };
        let number = number.filter(|number| range.contains(number));
        number.unwrap_or_else(|| {
            self.report(name, format!("expected {what}"));
            default
        })
    }

    /// Every setting whose name begins with `name` and a point; numbers and booleans as their text.
    pub(super) fn table(&mut self, name: &str) -> BTreeMap<String, String> {
        let prefix = format!("{name}.");
        let mut table = BTreeMap::new();
        for (full, given) in &self.sources.values {
            let Some(key) = full.strip_prefix(&prefix) else {
                continue;
            };
            self.asked.insert(full.clone());
            match given {
                Given::Typed(Value::String(text)) | Given::Spelt { text, .. } => {
                    table.insert(key.to_owned(), text.clone());
                }
                Given::Typed(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Float(_))) => {
                    table.insert(key.to_owned(), value.to_string());
                }
                Given::Typed(_) => self.expected(full, "a text", given),
            }
        }
        table
    }

    /// Every problem, unknown settings included; after all settings were asked for.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let given = &self.sources.values;
        for name in given.keys() {
            if self.asked.contains(name) {
                continue;
            }
            let known = nearest(name, self.asked.iter().map(String::as_str)).unwrap_or_default();
            let message = format!("is not a setting; did you mean {known}?");
            self.report(name, message);
        }
        self.problems
    }
}
