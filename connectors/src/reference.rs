//! The reference tables: built in, or from the file and the folder that the settings name.

use crate::config::Problem;
use clockstop_pipeline::Reference;
use clockstop_pipeline::statistics::Tables;
use clockstop_schemas::{read_reference, read_reference_tables};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The tables of the file; the built-in ones without a file.
///
/// # Errors
/// When the file cannot be read or is not a reference file, naming setting `reference.file`.
pub fn load(file: Option<&Path>) -> Result<Reference, Problem> {
    let Some(file) = file else {
        return Ok(Reference::default());
    };
    let problem = |reason: String| {
        let message = format!("{}: {reason}", file.display());
        Problem::new("reference.file", message)
    };
    let text = fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
    read_reference(&text).map_err(|error| problem(error.to_string()))
}

/// The statistics' tables of the folder, which `setting` names; the built-in ones without a folder.
///
/// # Errors
/// When the folder cannot be read, or anything in it does not fit: the file, the line, the column and what is expected.
pub fn load_tables(setting: &str, folder: Option<&Path>) -> Result<Tables, Problem> {
    let Some(folder) = folder else {
        return Ok(Tables::default());
    };
    let problem = |reason: String| {
        let message = format!("{}: {reason}", folder.display());
        Problem::new(setting, message)
    };
    let files = files(folder).map_err(|error| problem(error.to_string()))?;
    read_reference_tables(&files).map_err(|error| problem(error.to_string()))
}

/// What lies in a folder, by name. Names that begin with a dot are those of tools that keep or mount the folder.
fn files(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let bytes = fs::read(entry.path())
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        files.insert(name, bytes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::load_tables;
    use std::fs;

    #[test]
    fn a_folder_is_read_but_for_what_is_hidden_and_every_problem_names_the_setting() {
        let folder = tempfile::tempdir().expect("a folder");
        let load = || load_tables("reference.tables", Some(folder.path()));
        let told = || load().expect_err("a problem").to_string();
        let named = format!("reference.tables: {}: ", folder.path().display());
        assert!(
            told().starts_with(&format!("{named}version.txt: expected")),
            "{}",
            told()
        );
        fs::write(folder.path().join("version.txt"), "local-1\n").expect("written");
        fs::create_dir(folder.path().join("..data")).expect("made");
        assert_eq!(
            load().map(|tables| tables.version),
            Ok("local-1".to_owned())
        );
        fs::write(folder.path().join("icbs.csv"), "code\n").expect("written");
        let place = "icbs.csv: line 1, column 2 (name): expected this heading";
        assert_eq!(told(), format!("{named}{place}"));
        fs::create_dir(folder.path().join("old")).expect("made");
        assert!(told().starts_with(&format!("{named}old: ")), "{}", told());
        let gone = load_tables("--reference-tables", Some(&folder.path().join("gone")));
        let gone = gone.expect_err("a problem").to_string();
        assert!(gone.starts_with("--reference-tables: "), "{gone}");
    }
}
