//! Snapshots for dashboards and analysts: rows into Parquet, Parquet into a folder, the folder into `current`.

mod folder;
mod rows;
mod snapshot;

pub use folder::PublishError;
pub use rows::{PartitionRows, collect};
pub use snapshot::{Published, Root, Snapshot};
