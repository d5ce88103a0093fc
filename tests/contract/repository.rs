//! The repository's own files.

use std::fs;

pub(crate) use crate::support::cache::workspace as root;

/// The text of a file, named from the root.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The file or folder of that name must be there.
pub(crate) fn assert_exists(path: &str, named_by: &str) {
    assert!(
        root().join(path).exists(),
        "{named_by} names {path}, which is not in the repository"
    );
}
