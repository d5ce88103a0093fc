//! What analysts read (`domain/statistics.md`): counted waits and the published cuts, lists and
//! counts of a day, as functions of pathways and dates.
//!
//! Whatever leaves a [`Row`](crate::Row) owns its texts, because a row's own mean something in one
//! engine only and the tables span partitions.

mod bands;
mod categories;
mod cell;
pub mod compare;
mod counting;
mod course;
mod cuts;
mod decided;
mod equity;
#[cfg(test)]
mod feed_fixture;
mod feeds;
mod halves;
pub mod identities;
mod interval;
mod movements;
mod performance;
mod periods;
mod publication;
mod quality;
pub mod release;
mod restated;
mod series;
mod share;
pub mod spc;
mod stage;
pub mod suppression;
mod tables;
mod tally;
mod tracking_list;
mod uncounted;
mod wait;
mod weekly;
pub mod working_days;

pub use bands::{Band, MOST_BANDS};
pub use categories::{ModalityGroup, SuspectedType, TumourGroup};
pub use cell::{CategoryName, Cell, CellCounts, CellKey, Figure};
pub use counting::{Counted, Uncounted, UncountedReason};
pub use course::{Course, Outcome};
pub use cuts::{Activity, Basis, Category, RouteOrStage, TreatmentStage};
pub use decided::{AlreadyDecided, Decided};
pub use equity::{Dimension, Equity, EquityCounts, EquityKey, EquityPart, Person};
pub use feeds::{FeedKey, FeedRow, Feeds};
pub use halves::Halves;
pub use interval::Interval;
pub use movements::{MovementCounts, MovementKey, Movements};
pub use performance::{ENGLAND, Performance, Verdict};
pub use periods::{Period, PeriodKind};
pub use publication::published_cells;
pub use quality::{DataQuality, Ground, QualityKey, QualityPart, Register};
pub use restated::{Part, Reported, Restatement, Side, restatements};
pub use series::{SeriesItem, SpcSeries, spc_series, weekly_spc_series};
pub use share::{Role, WaitShare};
pub use stage::{CancerStage, DiagnosedPrimary, EarlyDiagnosis, StageAim, StageCounts, StageKey};
pub use tables::{
    Alliance, Board, Misfit, Organisation, Succession, TableFile, Tables, TablesRead, Threshold,
    ThresholdKind, ThresholdRow, TumourRange, UNKNOWN_ICB, UNMAPPED_ALLIANCE,
};
pub use tally::Tally;
pub use tracking_list::{LastEvent, PlannedMilestone, TrackingBand, TrackingEntry};
pub use uncounted::UncountedCounts;
pub use wait::{Wait, WaitId};
pub use weekly::{Arrival, PtlWeekly, WeeklyItem, WeeklyKey};
