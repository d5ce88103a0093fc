//! The way back: rows of `performance` as cells.

use arrow::array::{Array as _, AsArray as _, Decimal128Array, RecordBatch, StringArray};
use arrow::datatypes::Decimal128Type;
use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{
    Activity, Basis, Category, CellCounts, Halves, ModalityGroup, Performance, Period, PeriodKind,
    SuspectedType, TumourGroup,
};
use std::collections::BTreeMap;

use super::PERFORMANCE;
use crate::published::labels;

/// Why rows are not those of this version's `performance`. A row is counted from 1; no value is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column is missing, or has another type: another version wrote it.
    #[error(
        "table {table} is of another version: column {column} is not there as this version writes it"
    )]
    Column {
        /// The table.
        table: &'static str,
        /// The first such column.
        column: &'static str,
    },
    /// A field holds nothing that this version writes there.
    #[error("table {table}, row {row}: column {column} holds nothing that this version knows")]
    Field {
        /// The table.
        table: &'static str,
        /// The row.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// The figures of a row do not add up to its total.
    #[error("table {table}, row {row}: the figures do not add up")]
    Figures {
        /// The table.
        table: &'static str,
        /// The row.
        row: usize,
    },
}

/// The cells of a batch, in its order: the inverse of [`write_performance`](super::write_performance). What the tables of
/// reference add to a row (names, regions, thresholds) is not read.
///
/// # Errors
/// When a column is not as this version writes it, and at the first row that is no cell.
pub fn read_performance(batch: &RecordBatch) -> Result<Vec<Performance>, TableError> {
    let rows = Rows::of(batch)?;
    (0..batch.num_rows()).map(|row| rows.cell(row)).collect()
}

/// How far the months of a batch have come, by its rows of months; a month whose rows do not say is left out.
///
/// # Errors
/// As [`read_performance`].
pub fn read_releases(batch: &RecordBatch) -> Result<BTreeMap<Month, Release>, TableError> {
    let rows = Rows::of(batch)?;
    let release = texts(batch, "release")?;
    let mut releases = BTreeMap::new();
    for row in (0..batch.num_rows()).filter(|row| !release.is_null(*row)) {
        let period = rows.period(row)?;
        if period.kind() == PeriodKind::Month {
            let named = Release::ALL
                .into_iter()
                .find(|of| of.name() == release.value(row));
            let named = named.ok_or_else(|| field(row, "release"))?;
            releases.insert(period.last_month(), named);
        }
    }
    Ok(releases)
}

const fn field(row: usize, column: &'static str) -> TableError {
    TableError::Field {
        table: PERFORMANCE.name,
        row: row + 1,
        column,
    }
}

/// The columns that make a cell, each of its own type.
struct Rows<'a> {
    period_kind: &'a StringArray,
    last_month: &'a StringArray,
    standard: &'a StringArray,
    basis: &'a StringArray,
    organisation: &'a StringArray,
    cut: &'a StringArray,
    route_or_stage: &'a StringArray,
    cancer_type: &'a StringArray,
    treatment_modality: &'a StringArray,
    total: &'a Decimal128Array,
    within: &'a Decimal128Array,
    after: &'a Decimal128Array,
    bands: [(Activity, Vec<&'a Decimal128Array>); 4],
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, TableError> {
        for expected in PERFORMANCE.schema().fields() {
            let found = batch.schema_ref().column_with_name(expected.name());
            if found.is_none_or(|(_, found)| found.data_type() != expected.data_type()) {
                return Err(column_error(expected.name()));
            }
        }
        let bands = |activity: Activity| {
            let columns = activity.bands().iter();
            let columns = columns.map(|band| patients(batch, &band.column.to_ascii_lowercase()));
            Ok((activity, columns.collect::<Result<_, _>>()?))
        };
        let [fds, sixty_two, thirty_one, first_seen] = Activity::ALL.map(bands);
        Ok(Self {
            period_kind: texts(batch, "period_kind")?,
            last_month: texts(batch, "last_month")?,
            standard: texts(batch, "standard")?,
            basis: texts(batch, "basis")?,
            organisation: texts(batch, "organisation")?,
            cut: texts(batch, "cut")?,
            route_or_stage: texts(batch, "route_or_stage")?,
            cancer_type: texts(batch, "cancer_type")?,
            treatment_modality: texts(batch, "treatment_modality")?,
            total: patients(batch, "total")?,
            within: patients(batch, "within")?,
            after: patients(batch, "after")?,
            bands: [fds?, sixty_two?, thirty_one?, first_seen?],
        })
    }

    fn cell(&self, row: usize) -> Result<Performance, TableError> {
        let period = self.period(row)?;
        let standard = self.standard.value(row);
        let known = self.bands.iter().find(|(of, _)| of.name() == standard);
        let (activity, bands) = known.ok_or_else(|| field(row, "standard"))?;
        let mut each = Basis::ALL.into_iter();
        let basis = each.find(|basis| basis.name() == self.basis.value(row));
        let organisation = self.organisation.value(row);
        if organisation.is_empty() {
            return Err(field(row, "organisation"));
        }
        let part = labels::part(*activity, self.route_or_stage.value(row));
        let bands = bands
            .iter()
            .map(|band| count(band, row).unwrap_or_default());
        let counts = CellCounts {
            total: count(self.total, row).unwrap_or_default(),
            within: count(self.within, row),
            after: count(self.after, row),
            bands: bands.collect(),
        };
        let cell = Performance::with_counts(
            period,
            *activity,
            basis.ok_or_else(|| field(row, "basis"))?,
            organisation.into(),
            part.ok_or_else(|| field(row, "route_or_stage"))?,
            self.category(row)?,
            &counts,
        );
        cell.ok_or(TableError::Figures {
            table: PERFORMANCE.name,
            row: row + 1,
        })
    }

    /// A quarter or year is told by its last month, and is none by any other.
    fn period(&self, row: usize) -> Result<Period, TableError> {
        let mut kinds = PeriodKind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.name() == self.period_kind.value(row));
        let kind = kind.ok_or_else(|| field(row, "period_kind"))?;
        let last = month(self.last_month.value(row));
        let period = last.map(|last| (last, Period::of(kind, last)));
        let period = period.filter(|(last, period)| period.last_month() == *last);
        period
            .map(|(_, period)| period)
            .ok_or_else(|| field(row, "last_month"))
    }

    fn category(&self, row: usize) -> Result<Category, TableError> {
        let cancer_type = self.cancer_type.value(row);
        let (category, column) = match self.cut.value(row) {
            "all" => (Some(Category::All), "cut"),
            "by_type" => (
                SuspectedType::from_name(cancer_type).map(Category::Suspected),
                "cancer_type",
            ),
            "by_cancer" => (
                TumourGroup::from_name(cancer_type).map(Category::Tumour),
                "cancer_type",
            ),
            "by_modality" => (
                ModalityGroup::from_name(self.treatment_modality.value(row))
                    .map(Category::Modality),
                "treatment_modality",
            ),
            _ => (None, "cut"),
        };
        category.ok_or_else(|| field(row, column))
    }
}

/// The column as the table names it, so that an error can.
fn column_error(name: &str) -> TableError {
    let column = PERFORMANCE
        .columns
        .iter()
        .find(|column| column.name == name);
    TableError::Column {
        table: PERFORMANCE.name,
        column: column.map_or("", |column| column.name),
    }
}

fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray, TableError> {
    let column = batch.column_by_name(name);
    let column = column.and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| column_error(name))
}

fn patients<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Decimal128Array, TableError> {
    let column = batch.column_by_name(name);
    let column = column.and_then(|column| column.as_primitive_opt::<Decimal128Type>());
    column.ok_or_else(|| column_error(name))
}

/// Tenths as halves. What is not in halves becomes a figure that adds up to nothing.
fn count(column: &Decimal128Array, row: usize) -> Option<Halves> {
    const TENTHS: i128 = 5;
    let tenths = (!column.is_null(row)).then(|| column.value(row))?;
    let halves = if tenths % TENTHS == 0 {
        i64::try_from(tenths / TENTHS).unwrap_or(-1)
    } else {
        -1
    };
    Some(Halves::new(halves))
}

/// `2025-03`.
fn month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some(Month { year, month })
}
