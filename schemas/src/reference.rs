//! Reference tables as a TOML file: what it names replaces the built-in table, the rest stays.
//!
//! ```toml
//! version = "2026-12-local"
//! counted_if_late = ["01"]
//! scope = ["C00-C97", "D05"]
//! basal_cell_morphologies = [8090, 8091]
//! long_wait_from = 105
//!
//! [fds]
//! within = 28
//! lead_times = [7, 3, 0]
//! ```

use clockstop_pipeline::{IcdRange, Limits, Reference, Texts};
use serde::Deserialize;

/// Why a file is no reference file.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// It is not TOML, names an unknown table, or a value has the wrong type.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A value makes no sense.
    #[error("{table}: expected {expected}")]
    Value {
        /// The table.
        table: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    fds: Option<FileLimits>,
    sixty_two_day: Option<FileLimits>,
    thirty_one_day: Option<FileLimits>,
    long_wait_from: Option<i32>,
    counted_if_late: Option<Vec<String>>,
    basal_cell_morphologies: Option<Vec<u16>>,
    scope: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLimits {
    within: i32,
    lead_times: Vec<i32>,
}

const MOST_LEAD_TIMES: usize = 3;
const LONGEST: i32 = 1_000;

/// Reads a reference file.
///
/// # Errors
/// When it is not TOML, has a name that is none of the tables, or a value that makes no sense.
pub fn read_reference(text: &str) -> Result<Reference, ReferenceError> {
    let file: File = toml::from_str(text)?;
    let built_in = Reference::default();
    if file.version.trim().is_empty() || file.version == built_in.version {
        return Err(ReferenceError::Value {
            table: "version",
            expected: "a name of its own, for it is written into every output",
        });
    }
    Ok(Reference {
        version: file.version,
        fds: limits("fds", file.fds, built_in.fds)?,
        sixty_two_day: limits("sixty_two_day", file.sixty_two_day, built_in.sixty_two_day)?,
        thirty_one_day: limits(
            "thirty_one_day",
            file.thirty_one_day,
            built_in.thirty_one_day,
        )?,
        long_wait_from: file.long_wait_from.unwrap_or(built_in.long_wait_from),
        counted_if_late: match file.counted_if_late {
            Some(codes) => read_codes(&codes)?,
            None => built_in.counted_if_late,
        },
        basal_cell_morphologies: file
            .basal_cell_morphologies
            .unwrap_or(built_in.basal_cell_morphologies),
        scope: match file.scope {
            Some(ranges) => read_scope(&ranges)?,
            None => built_in.scope,
        },
    })
}

fn limits(
    table: &'static str,
    file: Option<FileLimits>,
    built_in: Limits,
) -> Result<Limits, ReferenceError> {
    let Some(FileLimits { within, lead_times }) = file else {
        return Ok(built_in);
    };
    let falling = lead_times.windows(2).all(|pair| pair.first() > pair.last());
    let sane = (0..=LONGEST).contains(&within)
        && lead_times.len() <= MOST_LEAD_TIMES
        && lead_times.iter().all(|lead| (0..=LONGEST).contains(lead));
    if !(falling && sane) {
        return Err(ReferenceError::Value {
            table,
            expected: "days within 0 to 1000, and at most three lead times, each less than the one before",
        });
    }
    Ok(Limits { within, lead_times })
}

fn read_codes(codes: &[String]) -> Result<Vec<clockstop_pipeline::Text>, ReferenceError> {
    // Codes of up to four bytes are the same text in every engine.
    let mut texts = Texts::default();
    let codes = codes.iter().map(|code| {
        let short = (1..=4).contains(&code.len());
        short.then(|| texts.keep(code)).flatten()
    });
    codes
        .collect::<Option<Vec<_>>>()
        .ok_or(ReferenceError::Value {
            table: "counted_if_late",
            expected: "codes of one to four characters",
        })
}

fn read_scope(ranges: &[String]) -> Result<Vec<IcdRange>, ReferenceError> {
    ranges
        .iter()
        .map(|range| IcdRange::parse(range))
        .collect::<Option<Vec<_>>>()
        .ok_or(ReferenceError::Value {
            table: "scope",
            expected: "ICD-10 categories such as D05, or ranges of one letter such as C00-C97",
        })
}

#[cfg(test)]
mod tests {
    use super::read_reference;
    use clockstop_pipeline::Reference;

    #[test]
    fn what_a_file_names_replaces_the_built_in_table_and_the_rest_stays() {
        let read = read_reference(
            "version = 'local'\nscope = ['C00-C97']\n[fds]\nwithin = 21\nlead_times = [5, 0]\n",
        )
        .expect("a reference file");
        assert_eq!(read.version, "local");
        assert_eq!(read.fds.within, 21);
        assert_eq!(read.scope.len(), 1);
        assert_eq!(read.sixty_two_day, Reference::default().sixty_two_day);
    }

    #[test]
    fn what_makes_no_sense_is_told_by_its_table() {
        for (file, told) in [
            ("", "version"),
            ("version = 'default-1'", "version"),
            ("version = 'x'\nsurprise = 1", "surprise"),
            (
                "version = 'x'\n[fds]\nwithin = 28\nlead_times = [3, 7]",
                "fds",
            ),
            ("version = 'x'\nscope = ['C9']", "scope"),
            ("version = 'x'\ncounted_if_late = ['']", "counted_if_late"),
        ] {
            let error = read_reference(file).expect_err(file).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
