//! A national year: pathways that, folded and counted, come to England's published cells (statistics 10).
//!
//! What is exact is drawn without replacement from tables of how many there are to be: FDS results by month,
//! route, suspected type and band; first appointments likewise; treatments from one joint table a month
//! (`joint.rs`). A treated pathway takes its FDS result and its first appointment from the tables of the
//! months they fall in, before those who are not treated take what is left.

mod cells;
mod counts;
mod feed;
mod joint;
mod plan;
mod targets;
#[cfg(test)]
mod tests;
mod told;
mod treated;

pub(super) use cells::Target;
pub use feed::{Arrivals, Year, YearPlan};

/// Which part of the published year is generated, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u32);

const WHOLE: u32 = 1_000_000;

impl Scale {
    /// All of it.
    pub const WHOLE: Self = Self(WHOLE);

    /// So many millionths; `None` for none, and for more than all.
    #[must_use]
    pub const fn new(millionths: u32) -> Option<Self> {
        if millionths == 0 || millionths > WHOLE {
            return None;
        }
        Some(Self(millionths))
    }

    /// This part of a count, to the nearest patient.
    pub(super) fn of(self, count: u32) -> u32 {
        let part = u64::from(count) * u64::from(self.0);
        u32::try_from((part + u64::from(WHOLE) / 2) / u64::from(WHOLE)).unwrap_or(u32::MAX)
    }
}
