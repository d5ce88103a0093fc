//! Cancer waiting times as published: the national combined CSV, and the tidy files made of the workbooks
//! (statistics 7).
//!
//! Both are read into the same cells, so that either can be compared with what was counted here.

mod figures;
pub(crate) mod labels;
mod national;
#[cfg(test)]
mod tests;
mod tidy;

use clockstop_pipeline::statistics::Cell;
use csv::{ByteRecord, Reader, ReaderBuilder};

pub use national::{NATIONAL_COLUMNS, SUPPRESSED_COLUMN, write_national, write_suppressed};

/// Why a file is no published file. A line is a row, and the column names are line 1; no value is repeated,
/// since a file that was taken for a published one can be anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedError {
    /// The first line names the columns of neither shape.
    #[error("the columns are neither those of the national combined CSV nor those of a tidy file")]
    Columns,
    /// A line is no line of this table: not UTF-8, or more or fewer fields than columns.
    #[error("line {line}: not a row of {columns} fields in UTF-8")]
    Row {
        /// The line.
        line: u64,
        /// How many fields it must have.
        columns: usize,
    },
    /// A field holds nothing that belongs there.
    #[error("line {line}, column {column}: expected {expected}")]
    Field {
        /// The line.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
}

/// Reads a published file of either shape, told apart by its first line. Bytes are UTF-8, with or without a byte
/// order mark, and not compressed.
///
/// # Errors
/// At the first line that is no row of its shape: a wrong figure must not pass as a missing one.
pub fn read_published(bytes: &[u8]) -> Result<Vec<Cell>, PublishedError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = rows.byte_headers().map_err(|_| PublishedError::Columns)?;
    let columns: Vec<&[u8]> = columns.iter().map(<[u8]>::trim_ascii).collect();
    let national = NATIONAL_COLUMNS.iter().map(|name| name.as_bytes());
    if columns.iter().copied().eq(national) {
        return read(rows, NATIONAL_COLUMNS.len(), national::cell);
    }
    let shape = tidy::shape(&columns).ok_or(PublishedError::Columns)?;
    read(rows, shape.columns(), |row| tidy::cell(shape, row))
}

fn read(
    mut rows: Reader<&[u8]>,
    columns: usize,
    cell: impl Fn(&Row<'_>) -> Result<Cell, PublishedError>,
) -> Result<Vec<Cell>, PublishedError> {
    let mut cells = Vec::new();
    let mut record = ByteRecord::new();
    loop {
        // Counted here, since a reader's own lines stay behind by one where a carriage return ends them.
        let line = u64::try_from(cells.len()).map_or(u64::MAX, |read| read.saturating_add(2));
        let unreadable = || PublishedError::Row { line, columns };
        if !rows
            .read_byte_record(&mut record)
            .map_err(|_| unreadable())?
        {
            return Ok(cells);
        }
        let fields: Result<Vec<&str>, _> = record.iter().map(core::str::from_utf8).collect();
        let fields = fields.map_err(|_| unreadable())?;
        if fields.len() != columns {
            return Err(unreadable());
        }
        cells.push(cell(&Row { line, fields })?);
    }
}

/// One row, field by field in the order of its columns.
struct Row<'a> {
    line: u64,
    fields: Vec<&'a str>,
}

impl Row<'_> {
    /// The field, without blanks around it.
    fn field(&self, at: usize) -> &str {
        self.fields.get(at).map_or("", |field| field.trim())
    }

    const fn wrong(&self, column: &'static str, expected: &'static str) -> PublishedError {
        PublishedError::Field {
            line: self.line,
            column,
            expected,
        }
    }
}
