//! Snapshots for dashboards and analysts: rows into Parquet, Parquet into a folder, the folder into `current`.

mod closing;
mod copy;
mod folder;
mod rows;
mod snapshot;

pub(crate) use closing::closing_files;
pub(crate) use copy::PartitionCopy;
pub use folder::PublishError;
pub use rows::{PartitionRows, collect};
pub(crate) use snapshot::TABLES_VERSION;
pub use snapshot::{Published, Root, Snapshot};
