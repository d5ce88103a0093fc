//! What of ours a published file can be held against at all: a file that holds less is not a file that differs.

use foldhash::fast::FixedState;
use indexmap::IndexSet;

use crate::day::Month;
use crate::statistics::cell::Cut;
use crate::statistics::{Activity, Basis, Cell, CellKey, UNKNOWN_ICB};

/// Our cells that a published file can be held against, and how many of the same months and activities it says nothing of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparable {
    /// The cells to compare, in the order given.
    pub cells: Vec<Cell>,
    /// Cells of the commissioner `UNKNOWN`, which the file leaves out altogether, as the national one appears to (statistics 7).
    pub unknown_commissioner: usize,
    /// Cells of cuts that the file does not have for their activity, such as FDS by type over all routes (statistics 3).
    pub other_cuts: usize,
}

/// Leaves of our cells those of the months, activities and cuts that a published file holds.
#[must_use]
pub fn comparable(ours: Vec<Cell>, theirs: &[Cell]) -> Comparable {
    let mut held: IndexSet<(Month, Activity), FixedState> = IndexSet::default();
    let mut cuts: IndexSet<Cut, FixedState> = IndexSet::default();
    let mut unknown = false;
    for Cell { key, .. } in theirs {
        held.insert((key.month, key.activity));
        cuts.insert(key.cut());
        unknown |= is_unknown(key);
    }
    let mut found = Comparable::default();
    for cell in ours {
        let key = &cell.key;
        if !held.contains(&(key.month, key.activity)) {
            continue;
        }
        if !cuts.contains(&key.cut()) {
            found.other_cuts += 1;
        } else if !unknown && is_unknown(key) {
            found.unknown_commissioner += 1;
        } else {
            found.cells.push(cell);
        }
    }
    found
}

fn is_unknown(key: &CellKey) -> bool {
    key.basis == Basis::Commissioner && key.organisation == UNKNOWN_ICB
}
