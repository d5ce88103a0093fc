//! The reference tables: built in, or from the file that the settings name.

use crate::config::Problem;
use clockstop_pipeline::Reference;
use clockstop_schemas::read_reference;
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
    let text = std::fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
    read_reference(&text).map_err(|error| problem(error.to_string()))
}
