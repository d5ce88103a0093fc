//! The tables that analysts open: one file per table, each column defined once.

mod alerts;
mod already_decided;
mod clocks;
mod pathways;
mod performance;
mod table;
mod uncounted;
mod wait_shares;
mod waits;

pub use alerts::{ALERTS, write_alerts};
pub use already_decided::{ALREADY_DECIDED, write_already_decided};
pub use clocks::{CLOCKS, write_clocks};
pub use pathways::{PATHWAYS, with_findings, write_pathway};
pub use performance::{
    PERFORMANCE, TableError, read_performance, read_releases, write_performance,
};
pub use table::{Column, Kind, Table, TableBuilder};
pub use uncounted::{UNCOUNTED, write_uncounted};
pub use wait_shares::{WAIT_SHARES, write_wait_shares};
pub use waits::{WAITS, write_wait};
