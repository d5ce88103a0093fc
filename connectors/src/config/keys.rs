//! The files of the keys.

use super::reader::{Problem, Reader};
use std::path::{Path, PathBuf};

const KEY_BYTES: usize = 32;

/// `[keys]`: paths of 32-byte files.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// Makes alert ids.
    pub alert: PathBuf,
    /// Makes pseudonyms.
    pub pseudonym: PathBuf,
}

impl KeyFiles {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            alert: reader.required_path("keys.alert"),
            pseudonym: reader.required_path("keys.pseudonym"),
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let keys = [self.alert_key(), self.pseudonym_key()];
        keys.into_iter().filter_map(Result::err).collect()
    }

    pub(super) fn alert_key(&self) -> Result<[u8; KEY_BYTES], Problem> {
        read_key("keys.alert", &self.alert)
    }

    pub(super) fn pseudonym_key(&self) -> Result<[u8; KEY_BYTES], Problem> {
        read_key("keys.pseudonym", &self.pseudonym)
    }
}

/// The key in a file of 32 bytes, which `setting` names.
///
/// # Errors
/// When the file cannot be read or has another length; it says how to make one.
pub fn read_key(setting: &str, file: &Path) -> Result<[u8; KEY_BYTES], Problem> {
    let shown = file.display();
    let make = format!("make one with: head -c {KEY_BYTES} /dev/urandom > {shown}");
    let bytes = std::fs::read(file)
        .map_err(|error| Problem::new(setting, format!("cannot read {shown}: {error}; {make}")))?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| {
        let message = format!("{shown} has {length} bytes where a key has {KEY_BYTES}; {make}");
        Problem::new(setting, message)
    })
}
