//! The rows of a checkpoint's files: a pathway each, or a kept text each.

use arrow::array::{
    Array, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder, Date32Array, Date32Builder,
    RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use clockstop_pipeline::{Day, Kept, Settled};
use std::borrow::Cow;
use std::sync::Arc;

/// The columns of a file of pathways. `open` is null where a pathway was not settled, and `next` then too.
#[must_use]
pub fn pathway_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("pathway", DataType::Utf8, false),
        Field::new("erased", DataType::Boolean, false),
        Field::new("facts", DataType::Binary, false),
        Field::new("said", DataType::Binary, false),
        Field::new("open", DataType::Boolean, true),
        Field::new("next", DataType::Date32, true),
    ]))
}

/// The column of a file of texts.
#[must_use]
pub fn text_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8, false)]))
}

/// Collects swept pathways.
#[derive(Debug, Default)]
pub struct PathwayRows {
    pathway: StringBuilder,
    erased: BooleanBuilder,
    facts: BinaryBuilder,
    said: BinaryBuilder,
    open: BooleanBuilder,
    next: Date32Builder,
}

impl PathwayRows {
    /// Adds a pathway.
    pub fn add(&mut self, kept: &Kept<'_>) {
        self.pathway.append_value(kept.pathway);
        self.erased.append_value(kept.erased);
        self.facts.append_value(kept.facts);
        self.said.append_value(&kept.said);
        let settled = kept.settled;
        self.open
            .append_option(settled.map(|settled| settled.is_open));
        let next = settled.and_then(|settled| settled.next);
        self.next.append_option(next.map(Day::epoch_days));
    }

    /// The rows so far; none are left.
    ///
    /// # Errors
    /// Arrow's.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_new(
            pathway_schema(),
            vec![
                Arc::new(self.pathway.finish()),
                Arc::new(self.erased.finish()),
                Arc::new(self.facts.finish()),
                Arc::new(self.said.finish()),
                Arc::new(self.open.finish()),
                Arc::new(self.next.finish()),
            ],
        )
    }
}

/// Collects kept texts.
#[derive(Debug, Default)]
pub struct TextRows(StringBuilder);

impl TextRows {
    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        self.0.append_value(text);
    }

    /// The rows so far; none are left.
    ///
    /// # Errors
    /// Arrow's.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_new(text_schema(), vec![Arc::new(self.0.finish())])
    }
}

/// Rows that do not have the columns of their file, or say nothing where they must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the column {column} is missing, of another type or has gaps")]
pub struct RowsRefusal {
    column: &'static str,
}

/// The pathways of a batch.
///
/// # Errors
/// When a column is not as [`pathway_schema`] says.
pub fn kept_rows(batch: &RecordBatch) -> Result<impl Iterator<Item = Kept<'_>>, RowsRefusal> {
    let pathway: &StringArray = column(batch, "pathway")?;
    let erased: &BooleanArray = column(batch, "erased")?;
    let facts: &BinaryArray = column(batch, "facts")?;
    let said: &BinaryArray = column(batch, "said")?;
    let settled = Settlement::of(batch)?;
    Ok((0..batch.num_rows()).map(move |row| Kept {
        pathway: pathway.value(row),
        erased: erased.value(row),
        facts: facts.value(row),
        said: Cow::Borrowed(said.value(row)),
        settled: settled.as_ref().and_then(|settled| settled.at(row)),
    }))
}

/// The columns that tell what was settled.
struct Settlement<'b> {
    open: &'b BooleanArray,
    next: &'b Date32Array,
}

impl<'b> Settlement<'b> {
    /// `None` where software before 0.2 wrote the batch.
    fn of(batch: &'b RecordBatch) -> Result<Option<Self>, RowsRefusal> {
        if batch.column_by_name("open").is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            open: column_with_gaps(batch, "open")?,
            next: column_with_gaps(batch, "next")?,
        }))
    }

    fn at(&self, row: usize) -> Option<Settled> {
        self.open.is_valid(row).then(|| Settled {
            is_open: self.open.value(row),
            next: self
                .next
                .is_valid(row)
                .then(|| Day::from_epoch_days(self.next.value(row))),
        })
    }
}

/// The texts of a batch, in order.
///
/// # Errors
/// When the column is not as [`text_schema`] says.
pub fn text_rows(batch: &RecordBatch) -> Result<impl Iterator<Item = &str>, RowsRefusal> {
    let texts: &StringArray = column(batch, "text")?;
    Ok((0..texts.len()).map(|row| texts.value(row)))
}

fn column<'b, T: Array + 'static>(
    batch: &'b RecordBatch,
    name: &'static str,
) -> Result<&'b T, RowsRefusal> {
    let array: &T = column_with_gaps(batch, name)?;
    let is_full = array.null_count() == 0;
    is_full.then_some(array).ok_or(RowsRefusal { column: name })
}

fn column_with_gaps<'b, T: 'static>(
    batch: &'b RecordBatch,
    name: &'static str,
) -> Result<&'b T, RowsRefusal> {
    let array = batch.column_by_name(name);
    let array = array.and_then(|array| array.as_any().downcast_ref());
    array.ok_or(RowsRefusal { column: name })
}
