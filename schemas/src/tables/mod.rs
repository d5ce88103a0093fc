//! The tables that analysts open: one file per table, each column defined once.

mod alerts;
mod clocks;
mod pathways;
mod table;

pub use alerts::{ALERTS, write_alerts};
pub use clocks::{CLOCKS, write_clocks};
pub use pathways::{PATHWAYS, with_findings, write_pathway};
pub use table::{Column, Kind, Table, TableBuilder};
