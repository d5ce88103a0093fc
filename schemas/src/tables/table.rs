//! A table as data: its columns with their meaning, and a builder that fills them row by row.

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int32Builder,
    RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::compute::{SortColumn, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use clockstop_pipeline::statistics::Halves;
use clockstop_pipeline::{Day, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a column: only what every reader of Parquet understands (design 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A civil date.
    Day,
    /// A 32-bit whole number.
    Whole,
    /// True or false.
    Flag,
    /// A UTC instant in microseconds.
    Instant,
    /// Patients, with one decimal, for shared waits are counted in halves: DECIMAL(9,1).
    Patients,
    /// A rate, 0 to 1, unrounded.
    Rate,
    /// A number that need not be whole, unrounded.
    Number,
}

const PATIENTS: DataType = DataType::Decimal128(9, 1);

/// What the dictionary says of a column that always has a value.
pub(super) const NEVER_NULL: &str = "never";

impl Kind {
    /// The type's name in the dictionary and in the listing of a version.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Day => "date",
            Self::Whole => "int32",
            Self::Flag => "boolean",
            Self::Instant => "timestamp[us, UTC]",
            Self::Patients => "decimal(9,1)",
            Self::Rate | Self::Number => "double",
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Day => DataType::Date32,
            Self::Whole => DataType::Int32,
            Self::Flag => DataType::Boolean,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Patients => PATIENTS,
            Self::Rate | Self::Number => DataType::Float64,
        }
    }
}

/// A column: what the data dictionary says of it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the file.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Where that is defined: a rule such as `R8`, a section such as `statistics 3`.
    pub source: &'static str,
    /// What null means; `None`: it is never null.
    pub null: Option<&'static str>,
}

impl Column {
    /// What a number counts; empty of texts, dates and flags, and of whatever the type says all about.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Patients if self.unit.is_empty() => "patients",
            Kind::Rate if self.unit.is_empty() => "share, 0 to 1",
            Kind::Patients
            | Kind::Rate
            | Kind::Text
            | Kind::Day
            | Kind::Whole
            | Kind::Flag
            | Kind::Instant
            | Kind::Number => self.unit,
        }
    }

    /// The same, defined there.
    pub(super) const fn by(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// The same, counting these.
    pub(super) const fn in_unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// The same, with a null that means this.
    pub(super) const fn null(self, null: &'static str) -> Self {
        Self {
            null: Some(null),
            ..self
        }
    }
}

/// A table: its name, its columns, and the columns its rows are sorted by.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name of its folder.
    pub name: &'static str,
    /// What a row stands for.
    pub rows: &'static str,
    /// Its columns in order.
    pub columns: &'static [Column],
    /// The columns it is sorted by, the first first.
    pub sorted_by: &'static [&'static str],
}

impl Table {
    /// The Arrow schema. Every column may be null, as far as Arrow is concerned; what the dictionary says of it
    /// goes along as metadata `meaning`, `unit`, `source` and `null`.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let said = [
                ("meaning", column.meaning),
                ("unit", column.unit()),
                ("source", column.source),
                ("null", column.null.unwrap_or(NEVER_NULL)),
            ];
            let said = said.into_iter().filter(|(_, text)| !text.is_empty());
            let said = said.map(|(key, text)| (key.to_owned(), text.to_owned()));
            Field::new(column.name, column.kind.data_type(), true)
                .with_metadata(said.collect::<BTreeMap<_, _>>())
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The rows in the table's order.
    ///
    /// # Errors
    /// Arrow's, when a batch of another schema is given.
    pub fn sorted(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let columns: Vec<SortColumn> = self
            .sorted_by
            .iter()
            .filter_map(|name| batch.column_by_name(name))
            .map(|values| SortColumn {
                values: Arc::clone(values),
                options: None,
            })
            .collect();
        let order = lexsort_to_indices(&columns, None)?;
        take_record_batch(batch, &order)
    }
}

/// Fills a table, a row at a time, a cell at a time in the order of its columns.
#[derive(Debug)]
pub struct TableBuilder {
    table: &'static Table,
    columns: Vec<Cells>,
    next: usize,
}

#[derive(Debug)]
enum Cells {
    Text(StringBuilder),
    Day(Date32Builder),
    Whole(Int32Builder),
    Flag(BooleanBuilder),
    Instant(TimestampMicrosecondBuilder),
    Patients(Decimal128Builder),
    Float(Float64Builder),
}

impl TableBuilder {
    /// A builder without rows.
    #[must_use]
    pub fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|column| match column.kind {
            Kind::Text => Cells::Text(StringBuilder::new()),
            Kind::Day => Cells::Day(Date32Builder::new()),
            Kind::Whole => Cells::Whole(Int32Builder::new()),
            Kind::Flag => Cells::Flag(BooleanBuilder::new()),
            Kind::Instant => {
                Cells::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            Kind::Patients => Cells::Patients(Decimal128Builder::new().with_data_type(PATIENTS)),
            Kind::Rate | Kind::Number => Cells::Float(Float64Builder::new()),
        });
        Self {
            table,
            columns: columns.collect(),
            next: 0,
        }
    }

    fn cell(&mut self) -> Option<&mut Cells> {
        let at = self.next;
        self.next = (at + 1) % self.table.columns.len().max(1);
        self.columns.get_mut(at)
    }

    /// The next cell: a text.
    pub fn text(&mut self, value: Option<impl AsRef<str>>) {
        match self.cell() {
            Some(Cells::Text(cells)) => cells.append_option(value),
            _ => misplaced(),
        }
    }

    /// The next cell: a date.
    pub fn day(&mut self, value: Option<Day>) {
        match self.cell() {
            Some(Cells::Day(cells)) => cells.append_option(value.map(Day::epoch_days)),
            _ => misplaced(),
        }
    }

    /// The next cell: a whole number.
    pub fn whole(&mut self, value: Option<i32>) {
        match self.cell() {
            Some(Cells::Whole(cells)) => cells.append_option(value),
            _ => misplaced(),
        }
    }

    /// The next cell: how many there are; a whole number.
    pub fn count(&mut self, value: u64) {
        self.whole(i32::try_from(value).ok());
    }

    /// The next cell: true or false.
    pub fn flag(&mut self, value: Option<bool>) {
        match self.cell() {
            Some(Cells::Flag(cells)) => cells.append_option(value),
            _ => misplaced(),
        }
    }

    /// The next cell: an instant.
    pub fn instant(&mut self, value: Option<Instant>) {
        match self.cell() {
            Some(Cells::Instant(cells)) => cells.append_option(value.map(|Instant(at)| at)),
            _ => misplaced(),
        }
    }

    /// The next cell: patients.
    pub fn patients(&mut self, value: Option<Halves>) {
        match self.cell() {
            Some(Cells::Patients(cells)) => {
                cells.append_option(value.map(|value| i128::from(value.tenths())));
            }
            _ => misplaced(),
        }
    }

    /// The next cell: a rate, or any other number.
    pub fn number(&mut self, value: Option<f64>) {
        match self.cell() {
            Some(Cells::Float(cells)) => cells.append_option(value),
            _ => misplaced(),
        }
    }

    /// The next cell: a part of a whole as a rate; null of nothing.
    pub fn share(&mut self, part: u64, whole: u64) {
        let float = |count: u64| u32::try_from(count).ok().map(f64::from);
        let whole = float(whole).filter(|whole| *whole > 0.0);
        self.number(float(part).zip(whole).map(|(part, whole)| part / whole));
    }

    /// The rows so far.
    ///
    /// # Errors
    /// Arrow's, when a row was left unfinished.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns.iter_mut().map(|cells| -> ArrayRef {
            match cells {
                Cells::Text(cells) => Arc::new(cells.finish()),
                Cells::Day(cells) => Arc::new(cells.finish()),
                Cells::Whole(cells) => Arc::new(cells.finish()),
                Cells::Flag(cells) => Arc::new(cells.finish()),
                Cells::Instant(cells) => Arc::new(cells.finish()),
                Cells::Patients(cells) => Arc::new(cells.finish()),
                Cells::Float(cells) => Arc::new(cells.finish()),
            }
        });
        RecordBatch::try_new(self.table.schema(), columns.collect())
    }
}

/// A cell of another type than its column leaves its column short: no batch is built from such rows.
fn misplaced() {
    debug_assert!(false, "a cell does not fit its column");
}

/// A column that is never null; [`Column::by`], [`Column::in_unit`] and [`Column::null`] say more of it.
pub(super) const fn column(name: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column {
        name,
        kind,
        unit: "",
        meaning,
        source: "",
        null: None,
    }
}
