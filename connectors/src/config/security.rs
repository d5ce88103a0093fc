//! Passwords and certificates: where they come from, and what is missing before anything is asked.

use super::reader::Reader;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use ureq::http::HeaderValue;
use ureq::tls::{Certificate, PemItem, parse_pem};

/// `[registry]`.
#[derive(Clone)]
pub struct Registry {
    /// Its address, `http://` or `https://`.
    pub url: String,
    /// Who asks, where it wants to know.
    pub login: Option<Login>,
    /// Whom to trust in place of the system's certificates; none: the system's.
    pub authorities: Vec<Certificate<'static>>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("url", &self.url)
            .field("login", &self.login)
            .field("authorities", &self.authorities.len())
            .finish()
    }
}

/// `[registry] username` and its password, for basic authentication.
#[derive(Clone)]
pub struct Login {
    username: String,
    password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

impl Login {
    /// The header that carries it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let pair = STANDARD.encode(format!("{}:{}", self.username, self.password));
        let mut header = HeaderValue::try_from(format!("Basic {pair}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

impl Registry {
    /// A registry that asks for no password and shows no certificate of one's own.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            login: None,
            authorities: Vec::new(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            url: reader.url("registry.url"),
            login: Login::read(reader),
            authorities: authorities(reader),
        }
    }
}

impl Login {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let username = reader.optional_text("registry.username", "a user name");
        let password = reader.secret("registry.password");
        match (username, password) {
            (Some(username), Some(_)) if username.contains(':') => {
                let message = "must not hold a colon, which ends a user name";
                reader.report("registry.username", message.to_owned());
                None
            }
            (Some(username), Some(password)) => Some(Self { username, password }),
            (Some(_), None) => {
                let message = "is not set where registry.username is; or name a file in registry.password_file";
                reader.report("registry.password", message.to_owned());
                None
            }
            (None, Some(_)) => {
                let message = "is not set where its password is";
                reader.report("registry.username", message.to_owned());
                None
            }
            (None, None) => None,
        }
    }
}

fn authorities(reader: &mut Reader<'_>) -> Vec<Certificate<'static>> {
    const SETTING: &str = "registry.ca_file";
    let Some(file) = reader.path(SETTING) else {
        return Vec::new();
    };
    let pem = match std::fs::read(&file) {
        Ok(pem) => pem,
        Err(error) => {
            reader.report(SETTING, unreadable(&file, &error));
            return Vec::new();
        }
    };
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            Ok(_) | Err(_) => None,
        })
        .collect();
    if found.is_empty() {
        let message = format!("{} holds no certificate in PEM form", file.display());
        reader.report(SETTING, message);
    }
    found
}

fn unreadable(file: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", file.display())
}

/// The first line of a file that holds nothing but a secret.
pub(super) fn read_secret(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{} is empty", file.display()));
    }
    Ok(secret.to_owned())
}

const PROPERTIES: &str = "kafka.properties.";
/// What is behind a property's name where its value stands in a file.
pub(super) const IN_A_FILE: &str = "_file";
const FILES: [&str; 5] = [
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.crl.location",
    "ssl.key.location",
    "ssl.keystore.location",
];
/// A value of `ssl.ca.location` that is no path: librdkafka looks for the system's certificates itself.
const PROBE: &str = "probe";

/// Puts the contents of files in place of their names, and tells what would fail at the first connection.
pub(super) fn complete(reader: &mut Reader<'_>, properties: &mut BTreeMap<String, String>) {
    read_files(reader, properties);
    for name in FILES {
        let Some(path) = properties.get(name).filter(|path| *path != PROBE) else {
            continue;
        };
        let path = Path::new(path);
        if let Err(error) = std::fs::metadata(path) {
            reader.report(&format!("{PROPERTIES}{name}"), unreadable(path, &error));
        }
    }
    check_login(reader, properties);
}

fn read_files(reader: &mut Reader<'_>, properties: &mut BTreeMap<String, String>) {
    let named: Vec<_> = properties
        .keys()
        .filter_map(|name| Some((name.clone(), name.strip_suffix(IN_A_FILE)?.to_owned())))
        .collect();
    for (with_file, name) in named {
        let Some(file) = properties.remove(&with_file) else {
            continue;
        };
        let setting = format!("{PROPERTIES}{with_file}");
        if properties.contains_key(&name) {
            let message = format!("is set beside {PROPERTIES}{name}; remove one of them");
            reader.report(&setting, message);
            continue;
        }
        match read_secret(Path::new(&file)) {
            Ok(secret) => {
                properties.insert(name, secret);
            }
            Err(message) => {
                reader.report(&setting, message);
                // That the property is missing follows from it and is not told again.
                properties.insert(name, file);
            }
        }
    }
}

const MECHANISMS: &str = "SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or OAUTHBEARER";

fn check_login(reader: &mut Reader<'_>, properties: &BTreeMap<String, String>) {
    let get = |name: &str| properties.get(name).map_or("", String::as_str);
    let protocol = get("security.protocol").to_ascii_lowercase();
    if !protocol.starts_with("sasl_") {
        return;
    }
    let mechanism = [get("sasl.mechanism"), get("sasl.mechanisms")].concat();
    match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {
            if get("sasl.username").is_empty() {
                reader.report(
                    "kafka.properties.sasl.username",
                    format!("is not set, which {mechanism} needs"),
                );
            }
            if get("sasl.password").is_empty() {
                reader.report(
                    "kafka.properties.sasl.password",
                    format!("is not set, which {mechanism} needs; name its file in kafka.properties.\"sasl.password_file\""),
                );
            }
        }
        "OAUTHBEARER" if get("sasl.oauthbearer.method").eq_ignore_ascii_case("oidc") => {
            reader.report(
                "kafka.properties.sasl.oauthbearer.method",
                "oidc is not built in, for it needs libcurl; use SCRAM-SHA-512 over TLS".to_owned(),
            );
        }
        "OAUTHBEARER" => {}
        "" => reader.report(
            "kafka.properties.sasl.mechanism",
            format!("is not set; expected {MECHANISMS}"),
        ),
        _ => reader.report(
            "kafka.properties.sasl.mechanism",
            format!("expected {MECHANISMS}, found {mechanism}"),
        ),
    }
}

#[cfg(test)]
#[path = "security_tests.rs"]
mod tests;
