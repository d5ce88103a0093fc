//! The analysts' statistics (`domain/statistics.md`): counted waits, the published cuts, and what follows from them.

mod categories;
mod tables;

pub use categories::{ModalityGroup, SuspectedType, TumourGroup};
pub use tables::{
    Alliance, Board, Organisation, Succession, Tables, Threshold, ThresholdKind, ThresholdRow,
    TumourRange, UNKNOWN_ICB, UNMAPPED_ALLIANCE,
};
