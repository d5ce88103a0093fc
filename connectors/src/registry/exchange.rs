//! One exchange with the registry: TLS, the password, and what kind of answer came.

use super::RegistryError;
use crate::config;
use serde_json::Value;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;
use ureq::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE_CALL: Duration = Duration::from_secs(10);
const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// The registry's own error.
pub(super) struct No {
    pub(super) code: u64,
    pub(super) message: String,
}

/// Where the registry is and how it is spoken to.
#[derive(Clone)]
pub(super) struct Exchange {
    url: String,
    agent: Agent,
    authorization: Option<HeaderValue>,
}

/// The authorization is a password.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Exchange {
    pub(super) fn new(settings: &config::Registry) -> Self {
        let roots = if settings.authorities.is_empty() {
            RootCerts::PlatformVerifier
        } else {
            settings.authorities.iter().cloned().into()
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::NativeTls)
            .root_certs(roots)
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE_CALL))
            .tls_config(tls)
            .build();
        Self {
            url: settings.url.trim_end_matches('/').into(),
            agent: config.into(),
            authorization: settings.login.as_ref().and_then(config::Login::header),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// An answer, or the registry's own error.
    pub(super) fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, No>, RegistryError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::CONTENT_TYPE, MEDIA_TYPE)
            .header(header::ACCEPT, MEDIA_TYPE);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(body.map(Value::to_string).unwrap_or_default());
        let request = request.map_err(|_| self.not_a_registry())?;
        let answered = self.agent.run(request);
        let answered = answered.and_then(|mut response| {
            let text = response.body_mut().read_to_string()?;
            Ok((response, text))
        });
        let (response, text) = answered.map_err(|error| self.failed(error))?;
        self.read(&response, &text)
    }

    fn read(
        &self,
        response: &Response<Body>,
        text: &str,
    ) -> Result<Result<Value, No>, RegistryError> {
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            return Err(self.login());
        }
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

    pub(super) fn not_a_registry(&self) -> RegistryError {
        RegistryError::NotARegistry {
            url: self.url.clone(),
        }
    }

    fn login(&self) -> RegistryError {
        RegistryError::Login {
            url: self.url.clone(),
            wants: match self.authorization {
                Some(_) => {
                    "refuses the user or the password: check registry.username and registry.password_file"
                }
                None => {
                    "wants a user and a password: set registry.username and registry.password_file"
                }
            },
        }
    }

    fn failed(&self, error: ureq::Error) -> RegistryError {
        let url = self.url.clone();
        let encrypted = url.starts_with("https://");
        if let ureq::Error::NativeTls(error) = error {
            return certified(url, &error.to_string());
        }
        let hung_up = matches!(&error, ureq::Error::Io(error) if broken_off(error));
        if hung_up && encrypted {
            let reason = error.to_string();
            return RegistryError::NoTls { url, reason };
        }
        if !encrypted && (hung_up || matches!(error, ureq::Error::Protocol(_))) {
            return RegistryError::NotHttp { url };
        }
        RegistryError::Unreachable {
            url,
            source: Box::new(error),
        }
    }
}

/// Who speaks another protocol hangs up.
fn broken_off(error: &io::Error) -> bool {
    [
        ErrorKind::UnexpectedEof,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
        ErrorKind::BrokenPipe,
    ]
    .contains(&error.kind())
}

/// OpenSSL's words end with the trouble of the certificate in brackets.
fn certified(url: String, said: &str) -> RegistryError {
    let reason = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if said.contains("certificate verify failed") {
        let inner = reason
            .rsplit_once('(')
            .and_then(|(_, rest)| rest.split_once(')'));
        let reason = inner.map_or(reason.clone(), |(inner, _)| inner.to_owned());
        return RegistryError::Untrusted { url, reason };
    }
    RegistryError::NoTls { url, reason }
}
