//! The analysts' statistics (`domain/statistics.md`): counted waits, the published cuts, and what
//! follows from them.

mod bands;
mod categories;
mod counting;
mod cuts;
mod decided;
mod performance;
mod periods;
mod restated;
mod share;
mod tables;
mod tally;
mod wait;

pub use bands::{Band, MOST_BANDS};
pub use categories::{ModalityGroup, SuspectedType, TumourGroup};
pub use counting::{Counted, Uncounted, UncountedReason};
pub use cuts::{Activity, Basis, Category, RouteOrStage, TreatmentStage};
pub use decided::{AlreadyDecided, Decided};
pub use performance::{ENGLAND, Halves, Performance, Verdict};
pub use periods::{Period, PeriodKind};
pub use restated::{Part, Reported, Restatement, Side, restatements};
pub use share::{Role, WaitShare};
pub use tables::{
    Alliance, Board, Organisation, Succession, Tables, Threshold, ThresholdKind, ThresholdRow,
    TumourRange, UNKNOWN_ICB, UNMAPPED_ALLIANCE,
};
pub use tally::Tally;
pub use wait::{Wait, WaitId};
