//! Why the registry did not do as asked, and what to look at.

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
    /// It does not accept who asks.
    #[error("the schema registry at {url} {wants}")]
    Login {
        /// Where it is.
        url: String,
        /// What it wants instead.
        wants: &'static str,
    },
    /// Its certificate proves nothing to us.
    #[error(
        "the certificate of the schema registry at {url} is not trusted ({reason}): name the file of its CA in registry.ca_file"
    )]
    Untrusted {
        /// Where it is.
        url: String,
        /// What is wrong with the certificate.
        reason: String,
    },
    /// TLS was begun and not answered in kind.
    #[error(
        "no TLS with the schema registry at {url} ({reason}): if it speaks none, begin registry.url with http://"
    )]
    NoTls {
        /// Where it is.
        url: String,
        /// What was said instead.
        reason: String,
    },
    /// What answers speaks another protocol.
    #[error(
        "what listens at {url} speaks no HTTP or broke off: if the schema registry expects TLS there, begin registry.url with https://"
    )]
    NotHttp {
        /// Where it is.
        url: String,
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
    /// Whether the same call may succeed later, once the registry is as the settings say.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Unavailable { .. }
            | Self::Login { .. }
            | Self::Untrusted { .. }
            | Self::NoTls { .. }
            | Self::NotHttp { .. } => true,
            Self::UnknownId { .. }
            | Self::Incompatible { .. }
            | Self::Refused { .. }
            | Self::NotARegistry { .. } => false,
        }
    }
}
