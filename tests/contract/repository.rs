//! The repository's own files.

use std::fs;
use std::path::Path;

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

/// A file that a newcomer can take in.
const MOST_LINES: usize = 400;

#[test]
fn no_source_file_is_longer_than_one_can_take_in() {
    let mut long = Vec::new();
    for folder in ["pipeline", "schemas", "connectors", "tests", "benches"] {
        look(&root().join(folder), &mut long);
    }
    assert!(long.is_empty(), "more than {MOST_LINES} lines: {long:#?}");
}

fn look(folder: &Path, long: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look(&path, long);
        } else if path.extension().is_some_and(|of| of == "rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            if lines > MOST_LINES {
                long.push(format!("{}: {lines}", path.display()));
            }
        }
    }
}
