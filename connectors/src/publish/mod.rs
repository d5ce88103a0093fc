//! Tables for dashboards and analysts: rows into Parquet, Parquet into a folder, the folder into `current`.

mod aggregates;
mod daily;
mod files;
mod folder;
mod history;
mod making;
mod mirror;
mod reading;
mod release;
mod restated;
mod row_tables;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod weeks;

pub use daily::{ClosedDay, is_built_upon};
pub(crate) use daily::{is_made, prune};
pub use folder::PublishError;
pub(crate) use history::History;
pub(crate) use mirror::Mirror;
pub use snapshot::{Published, Root, Snapshot};
pub(crate) use state::PartitionCopy;
pub use state::{Origin, PartitionState, Source};

use crate::calendar;
use clockstop_pipeline::Reference;
use clockstop_pipeline::statistics::Tables;
use jiff::tz::TimeZone;

/// The reference data that tables are made by.
#[derive(Clone, Debug)]
pub struct References {
    /// The tables that pathways are judged by.
    pub reference: Reference,
    /// Organisations, tumour groups, thresholds and what else the statistics need.
    pub tables: Tables,
    /// When a report was recorded.
    pub(crate) london: TimeZone,
}

impl References {
    /// The rules' tables and the statistics'.
    ///
    /// # Errors
    /// When the bundled time-zone data lack London.
    pub fn new(reference: Reference, tables: Tables) -> Result<Self, calendar::Error> {
        Ok(Self {
            reference,
            tables,
            london: calendar::london_zone()?,
        })
    }
}
