//! Where the reference tables are.

use super::reader::{Problem, Reader};
use crate::reference;
use std::path::PathBuf;

/// `[reference]`: what takes the place of built-in reference tables.
#[derive(Clone, Debug, Default)]
pub struct ReferenceFiles {
    /// The rules' tables; the built-in ones where unset.
    pub file: Option<PathBuf>,
    /// The folder of the statistics' tables; the built-in ones where unset.
    pub tables: Option<PathBuf>,
}

impl ReferenceFiles {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            file: reader.path("reference.file"),
            tables: reader.path("reference.tables"),
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let file = reference::load(self.file.as_deref()).err();
        let tables = reference::load_tables("reference.tables", self.tables.as_deref()).err();
        file.into_iter().chain(tables).collect()
    }
}
