//! The tables that analysts open: one file per table, each column defined once.

mod alert_history;
mod alerts;
mod already_decided;
mod causes;
mod clocks;
mod common;
mod data_quality;
mod dictionary;
mod early_diagnosis;
mod equity;
mod feeds;
mod movements;
mod organisations;
mod pathways;
mod patient_tracking_list;
mod performance;
mod ptl_weekly;
mod restatements;
mod spc;
mod table;
mod thresholds;
mod uncounted;
mod wait_shares;
mod waits;

pub use alert_history::{ALERT_HISTORY, write_alert_history};
pub use alerts::{ALERTS, write_alerts};
pub use already_decided::{ALREADY_DECIDED, write_already_decided};
pub use causes::shown_causes;
pub use clocks::{CLOCKS, write_clocks};
pub use data_quality::{DATA_QUALITY, write_data_quality};
pub use dictionary::{columns_csv, dictionary_index, dictionary_page};
pub use early_diagnosis::{EARLY_DIAGNOSIS, write_early_diagnosis};
pub use equity::{EQUITY, write_equity};
pub use feeds::{FEEDS, write_feeds};
pub use movements::{MOVEMENTS, write_movements};
pub use organisations::{ORGANISATIONS, write_organisations};
pub use pathways::{PATHWAYS, write_pathway};
pub use patient_tracking_list::{PATIENT_TRACKING_LIST, write_tracking_entry};
pub use performance::{
    PERFORMANCE, TableError, read_performance, read_releases, write_performance,
};
pub use ptl_weekly::{PTL_WEEKLY, write_ptl_weekly};
pub use restatements::{RESTATEMENTS, write_restatement};
pub use spc::{SPC, write_spc};
pub use table::{Column, Kind, Table, TableBuilder};
pub use thresholds::{THRESHOLDS, write_thresholds};
pub use uncounted::{UNCOUNTED, write_uncounted};
pub use wait_shares::{WAIT_SHARES, write_wait_shares};
pub use waits::{WAITS, write_wait};

/// The version of the tables' names, columns and types: readers may rely on what it names.
pub const TABLES_VERSION: &str = "1";

/// Every table, in the order of section 7 of the design.
pub static ALL: [&Table; 20] = [
    &PATHWAYS,
    &CLOCKS,
    &WAITS,
    &WAIT_SHARES,
    &UNCOUNTED,
    &ALERTS,
    &ALERT_HISTORY,
    &PERFORMANCE,
    &ALREADY_DECIDED,
    &PATIENT_TRACKING_LIST,
    &PTL_WEEKLY,
    &MOVEMENTS,
    &EQUITY,
    &EARLY_DIAGNOSIS,
    &DATA_QUALITY,
    &FEEDS,
    &SPC,
    &RESTATEMENTS,
    &ORGANISATIONS,
    &THRESHOLDS,
];
