//! A folder of reference tables for the statistics: the files of `pipeline/src/reference`, and the version of them all.

use clockstop_pipeline::statistics::{Misfit, TableFile, Tables, TablesRead};
use std::collections::BTreeMap;

/// The file that names the version, which is written into every output.
pub const VERSION_FILE: &str = "version.txt";

/// Versions of the built-in tables, past and to come, begin with this.
pub(crate) const BUILT_IN: &str = "statistics-";
const LONGEST_VERSION: usize = 64;
/// Spreadsheets begin a UTF-8 file with it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why files are no reference tables.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TablesError {
    /// A file that is none of them.
    #[error(
        "{name}: is none of the files; expected {VERSION_FILE} and any of {}",
        TableFile::ALL.map(TableFile::name).join(", ")
    )]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A file is not text.
    #[error("{name}: line {line} is not UTF-8; save the file as CSV in UTF-8")]
    NotText {
        /// Its name.
        name: String,
        /// The first line that is not.
        line: usize,
    },
    /// The version is missing, is no name, or is one of the built-in tables.
    #[error(
        "{VERSION_FILE}: expected one line, the name of this version of the tables, of at most {LONGEST_VERSION} letters, \
         digits and marks, not beginning with {BUILT_IN}; it is written into every output"
    )]
    Version,
    /// A line does not fit.
    #[error("{}", told(.0))]
    Misfit(Misfit),
    /// A line of a built-in file does not go with the files that were given.
    #[error("{}; this is the built-in file, put one of your own beside the others", told(.0))]
    BuiltIn(Misfit),
}

fn told(misfit: &Misfit) -> String {
    let Misfit {
        file,
        line,
        column,
        expected,
    } = misfit;
    let name = file.name();
    let heading = misfit.heading();
    let heading = heading.map_or_else(String::new, |heading| format!(" ({heading})"));
    format!("{name}: line {line}, column {column}{heading}: expected {expected}")
}

/// Reads tables from files by their names; a file that is not there is the built-in one.
///
/// # Errors
/// When a name is unknown, the version missing or a built-in one, or anything in a file does not fit; the first
/// misfit is told.
pub fn read_reference_tables(files: &BTreeMap<String, Vec<u8>>) -> Result<Tables, TablesError> {
    let (mut version, mut given) = (None, BTreeMap::new());
    for (name, bytes) in files {
        if name == VERSION_FILE {
            version = Some(text(name, bytes)?);
        } else if let Some(file) = TableFile::from_name(name) {
            given.insert(file, text(name, bytes)?);
        } else {
            return Err(TablesError::Unknown { name: name.clone() });
        }
    }
    let version = version.map(str::trim_end).filter(|name| is_version(name));
    let version = version.ok_or(TablesError::Version)?;
    match Tables::of_files(version, &given) {
        TablesRead::Whole(tables) => Ok(*tables),
        TablesRead::Misfit(misfit) if given.contains_key(&misfit.file) => {
            Err(TablesError::Misfit(misfit))
        }
        TablesRead::Misfit(misfit) => Err(TablesError::BuiltIn(misfit)),
    }
}

fn text<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, TablesError> {
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        TablesError::NotText {
            name: name.to_owned(),
            line: before.filter(|byte| **byte == b'\n').count() + 1,
        }
    })?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text))
}

fn is_version(name: &str) -> bool {
    (1..=LONGEST_VERSION).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic())
        && !name.starts_with(BUILT_IN)
}

/// The built-in files by their names, with the version of the built-in tables, which has to become another.
#[must_use]
pub fn built_in_reference_tables() -> BTreeMap<&'static str, String> {
    let files = TableFile::ALL.map(|file| (file.name(), file.built_in().to_owned()));
    let version = format!("{}\n", Tables::default().version);
    files.into_iter().chain([(VERSION_FILE, version)]).collect()
}
