//! Why does our figure differ from the published one? Two sets of cells, difference by difference, with the
//! likeliest cause of each (statistics 7).
//!
//! Cells are joined on what they count: names and regions are never compared. England is one organisation in
//! both shapes, whatever code it has there. The commissioner `UNKNOWN` appears to be absent from the national
//! file, so that commissioners there do not add up to England; its cells have a cause of their own.

mod cause;
mod scope;
#[cfg(test)]
mod tests;

use core::cmp::Reverse;

use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};

pub use cause::Cause;
pub use scope::{Comparable, comparable};

use super::cell::{Cell, CellCounts, CellKey, by_figure};
use super::halves::Halves;

/// A cell whose figures differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it counts.
    pub key: CellKey,
    /// Our figures; `None` where we have no such row.
    pub ours: Option<CellCounts>,
    /// The published ones; `None` where they have no such row.
    pub theirs: Option<CellCounts>,
    /// The likeliest cause.
    pub cause: Cause,
}

impl Difference {
    /// Our patients less theirs; a row that is not there counts nobody.
    #[must_use]
    pub fn net(&self) -> Halves {
        let total =
            |counts: &Option<CellCounts>| counts.as_ref().map_or(Halves::ZERO, |of| of.total);
        total(&self.ours) - total(&self.theirs)
    }

    /// The largest difference of any figure of the cell.
    #[must_use]
    pub fn size(&self) -> Halves {
        let figures = by_figure(self.ours.as_ref(), self.theirs.as_ref());
        let sizes = figures.map(|(_, ours, theirs)| (ours - theirs).abs());
        sizes.max().unwrap_or_default()
    }
}

/// The cells of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseSum {
    /// The cause.
    pub cause: Cause,
    /// How many cells.
    pub cells: usize,
    /// The sum of their sizes. A patient is in as many cells as there are cuts of them.
    pub size: Halves,
    /// Our patients less theirs, summed.
    pub net: Halves,
}

/// What differs between two sets of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many cells are the same on both sides.
    pub same: usize,
    /// Largest first; of equal size in the order of their keys.
    pub differences: Vec<Difference>,
    /// Largest first; of equal size in the order of [`Cause::ALL`].
    pub causes: Vec<CauseSum>,
}

pub(super) type Index<'a> = IndexMap<&'a CellKey, &'a CellCounts, FixedState>;

/// Compares our cells with published ones. A row that only one side has, and that counts nobody, is no
/// difference, since rows of nobody are not written. Of a key given twice the last cell counts.
#[must_use]
pub fn compare(ours: &[Cell], theirs: &[Cell]) -> Comparison {
    let (ours, theirs) = (index(ours), index(theirs));
    let keys: IndexSet<&CellKey, FixedState> = ours.keys().chain(theirs.keys()).copied().collect();
    let mut same = 0;
    let mut nets = cause::Nets::default();
    let mut differing = Vec::new();
    for key in keys {
        let (our, their) = (ours.get(key).copied(), theirs.get(key).copied());
        if by_figure(our, their).any(|(_, ours, theirs)| ours != theirs) {
            let difference = Difference {
                key: key.clone(),
                ours: our.cloned(),
                theirs: their.cloned(),
                cause: Cause::Other,
            };
            nets.insert(key, difference.net());
            differing.push(difference);
        } else {
            same += 1;
        }
    }
    let sides = cause::Sides::new(&ours, &theirs);
    for difference in &mut differing {
        difference.cause = cause::of(difference, &sides, &nets);
    }
    differing.sort_by_cached_key(|difference| (Reverse(difference.size()), difference.key.clone()));
    Comparison {
        same,
        causes: sums(&differing),
        differences: differing,
    }
}

fn index(cells: &[Cell]) -> Index<'_> {
    cells.iter().map(|cell| (&cell.key, &cell.counts)).collect()
}

fn sums(differences: &[Difference]) -> Vec<CauseSum> {
    let mut sums = Cause::ALL.map(|cause| CauseSum {
        cause,
        cells: 0,
        size: Halves::ZERO,
        net: Halves::ZERO,
    });
    for difference in differences {
        let of = sums.iter_mut().filter(|sum| sum.cause == difference.cause);
        for sum in of {
            sum.cells += 1;
            sum.size += difference.size();
            sum.net += difference.net();
        }
    }
    let mut sums: Vec<CauseSum> = sums.into_iter().filter(|sum| sum.cells > 0).collect();
    sums.sort_by_key(|sum| Reverse(sum.size));
    sums
}
