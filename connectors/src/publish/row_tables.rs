//! The tables that have a row, or a few, for each pathway. A new one is a line in [`ROW_TABLES`].

use super::PublishError;
use arrow::array::RecordBatch;
use clockstop_pipeline::statistics::{Counted, Tables, TrackingEntry};
use clockstop_pipeline::{Day, Row};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{
    ALERTS, CLOCKS, PATHWAYS, PATIENT_TRACKING_LIST, Table, TableBuilder, WAIT_SHARES, WAITS,
    write_alerts, write_clocks, write_pathway, write_tracking_entry, write_wait, write_wait_shares,
};

/// A pathway on the day of the tables, its findings complete, and what follows from it.
#[derive(Debug)]
pub(super) struct Told<'t> {
    pub(super) row: &'t Row<'t>,
    pub(super) counted: &'t Counted,
    /// Its open clocks.
    pub(super) entries: &'t [TrackingEntry],
    pub(super) today: Day,
    pub(super) tables: &'t Tables,
}

/// A table and how a pathway's rows are appended to it.
#[derive(Debug)]
pub(super) struct RowTable {
    pub(super) table: &'static Table,
    /// Whether every closed day has it.
    pub(super) is_daily: bool,
    /// Whether a released month has it.
    pub(super) is_released: bool,
    append: fn(&Told<'_>, &Plane, &mut TableBuilder),
}

/// Every table of this kind.
pub(super) static ROW_TABLES: [RowTable; 6] = [
    RowTable {
        table: &PATHWAYS,
        is_daily: false,
        is_released: false,
        append: |told, plane, out| write_pathway(told.row, plane, out),
    },
    RowTable {
        table: &CLOCKS,
        is_daily: false,
        is_released: false,
        append: |told, plane, out| write_clocks(told.row, plane, out),
    },
    RowTable {
        table: &WAITS,
        is_daily: false,
        is_released: true,
        append: |told, plane, out| {
            for wait in &told.counted.waits {
                write_wait(wait, told.today, told.tables, plane, out);
            }
        },
    },
    RowTable {
        table: &WAIT_SHARES,
        is_daily: false,
        is_released: true,
        append: |told, plane, out| {
            for wait in &told.counted.waits {
                write_wait_shares(wait, plane, out);
            }
        },
    },
    RowTable {
        table: &ALERTS,
        is_daily: false,
        is_released: false,
        append: |told, plane, out| write_alerts(told.row, plane, out),
    },
    RowTable {
        table: &PATIENT_TRACKING_LIST,
        is_daily: true,
        is_released: false,
        append: |told, plane, out| {
            let findings = told.row.assessment.findings;
            for entry in told.entries {
                write_tracking_entry(entry, findings, plane, told.tables, out);
            }
        },
    },
];

/// A table's rows, sorted.
pub(super) type Filled = (&'static Table, RecordBatch);

/// Rows on their way, once per plane.
#[derive(Debug)]
pub(super) struct RowTables<'p> {
    planes: &'p [Plane],
    tables: Vec<&'static RowTable>,
    builders: Vec<Vec<TableBuilder>>,
}

impl<'p> RowTables<'p> {
    /// Without rows.
    pub(super) fn new(planes: &'p [Plane], tables: Vec<&'static RowTable>) -> Self {
        let mut rows = Self {
            planes,
            tables,
            builders: Vec::new(),
        };
        rows.builders = rows.blank();
        rows
    }

    fn blank(&self) -> Vec<Vec<TableBuilder>> {
        let builders = || self.tables.iter().map(|of| TableBuilder::new(of.table));
        self.planes.iter().map(|_| builders().collect()).collect()
    }

    /// Appends the rows of a pathway on every plane.
    pub(super) fn append(&mut self, told: &Told<'_>) {
        for (plane, builders) in self.planes.iter().zip(&mut self.builders) {
            for (of, out) in self.tables.iter().zip(builders) {
                (of.append)(told, plane, out);
            }
        }
    }

    /// The rows since the last call, sorted, plane by plane.
    pub(super) fn take(&mut self) -> Result<Vec<Vec<Filled>>, PublishError> {
        let blank = self.blank();
        let planes = core::mem::replace(&mut self.builders, blank).into_iter();
        planes
            .map(|builders| {
                let tables = self.tables.iter().zip(builders);
                tables
                    .map(|(of, rows)| Ok((of.table, sorted(of.table, rows)?)))
                    .collect()
            })
            .collect()
    }
}

/// The rows of a table in its order.
pub(super) fn sorted(
    table: &'static Table,
    rows: TableBuilder,
) -> Result<RecordBatch, PublishError> {
    let rows = rows.finish().and_then(|rows| table.sorted(&rows));
    rows.map_err(|source| PublishError::Arrow {
        table: table.name,
        source,
    })
}
