//! Why an object cannot be had, or was not written.

use crate::config::Problem;
use object_store::Error as ObjectError;
use object_store::path::Path;
use std::io;

/// Why an object cannot be had, or was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such store; another address is needed.
    #[error("{0}")]
    Address(String),
    /// It has another name, or another kind of store has it.
    #[error("properties.{0} is not a property of this kind of store")]
    Property(String),
    /// The store is away, full or forbids it.
    #[error("cannot {action} {path}: {reason}")]
    Failed {
        action: &'static str,
        path: String,
        reason: String,
    },
}

impl Error {
    /// What is wrong with the settings of a section, where `address` is the key of its address.
    pub(crate) fn problem(&self, section: &str, address: &str) -> Problem {
        let message = match self {
            Self::Property(name) => {
                let message = "is not a property of this kind of store; remove it";
                return Problem::new(&format!("{section}.properties.{name}"), message.to_owned());
            }
            Self::Address(_) | Self::Failed { .. } => self.to_string(),
        };
        Problem::new(&format!("{section}.{address}"), message)
    }

    pub(super) fn failed(action: &'static str, path: &Path, error: &ObjectError) -> Self {
        Self::Failed {
            action,
            path: path.to_string(),
            reason: without_queries(&error.to_string()),
        }
    }

    pub(crate) fn on_disk(action: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::Failed {
            action,
            path: path.to_string(),
            reason: error.to_string(),
        }
    }
}

/// The query of an address may be a signature.
fn without_queries(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once('?') {
        Some((address, _)) if address.contains("://") => address,
        Some(_) | None => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::without_queries;

    #[test]
    fn no_signature_is_told() {
        let told = without_queries("GET https://host/a?sig=abc failed: why?");
        assert_eq!(told, "GET https://host/a failed: why?");
    }
}
