//! Small numbers leave the building hidden, and so well that nobody can work them out (statistics 8).
//!
//! A count of 1 to 7 (halves included) is hidden, 0 stays, 8 and more are rounded to 5 (a tie upwards), totals on
//! their own and never as a sum of rounded parts; England stays exact. Where what is shown would bound a hidden
//! count to one value, company is hidden too: so much that one of its patients could be another organisation's. A
//! hidden count can therefore be 0 or more than 7, and the reader is told so.
//!
//! Of plain counts and sums, and where nobody could have the patient, a count of the same sum is hidden: one that
//! stands in the fewest sums of which the rest is shown exactly, since those would give it away again; of these the
//! smallest that is not 0, else a 0, the first of equals, and none that England's figures tell anyway. England is
//! never hidden. [`Suppressed::exposed`] names what no hiding can protect.

mod bounds;
mod left_out;
mod sheet;
#[cfg(test)]
mod tests;
mod transfer;
#[cfg(test)]
mod transfer_tests;

use alloc::collections::BTreeSet;

use super::Halves;

use bounds::{Interval, Sums};
use transfer::Transfer;

pub use left_out::{LeftOut, suppress_or_leave_out};
pub use sheet::{SuppressedCell, SuppressedCells, suppress_cells};

/// What is hidden and what is rounded, in patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuppressionRule {
    /// The smallest count other than 0 that is shown.
    pub threshold: u16,
    /// Shown counts are multiples of this; 0 and 1 round whole patients to themselves.
    pub rounding: u16,
}

impl Default for SuppressionRule {
    fn default() -> Self {
        Self {
            threshold: 8,
            rounding: 5,
        }
    }
}

/// How exactly a count is known to those who count, and whether it is shown at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// England's: shown as it is.
    Exact,
    /// Whole patients.
    Whole,
    /// Halves: 62-day counts of providers.
    Halved,
    /// Not shown, and not protected: what an inequality leaves over.
    Unpublished,
}

/// A count of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The patients; not negative.
    pub value: Halves,
    /// How exactly they are counted.
    pub precision: Precision,
}

/// A sum that anybody knows to hold: counts by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margin {
    /// The sum.
    pub total: usize,
    /// What is summed.
    pub parts: Vec<usize>,
}

impl Margin {
    fn members(&self) -> impl Iterator<Item = usize> + '_ {
        core::iter::once(self.total).chain(self.parts.iter().copied())
    }
}

/// A count as it leaves the building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Exact(Halves),
    /// To the nearest multiple of the rounding.
    Rounded(Halves),
    /// Null, with `suppressed`.
    Hidden,
}

impl Shown {
    /// What is shown; `None` when hidden.
    #[must_use]
    pub const fn value(self) -> Option<Halves> {
        match self {
            Self::Exact(value) | Self::Rounded(value) => Some(value),
            Self::Hidden => None,
        }
    }
}

/// The counts as they leave the building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// In the order given. Unpublished counts are hidden.
    pub shown: Vec<Shown>,
    /// Hidden counts that the margins still bound to one value, because no other count of their sums can be
    /// hidden. Whoever exports must leave their rows and sums out.
    pub exposed: Vec<usize>,
}

/// The share of rounded parts, from 0 to 1; `None` where one is hidden or nobody was counted.
#[must_use]
pub fn rate(within: Shown, total: Shown) -> Option<f64> {
    within.value()?.share_of(total.value()?)
}

/// Hides, rounds, and hides more until nothing hidden can be bounded to one value by the margins. A margin that does
/// not hold, or names a place there is none of, says nothing to anybody and is not looked at.
///
/// The reader knows the rule, the margins and all that is shown, but not which hidden counts are small and which are
/// company: a hidden count may be any that is not negative. Each sum narrows what is known of its members by each
/// other, until nothing changes; no two sums are combined into one.
#[must_use]
pub fn suppress(counts: &[Count], margins: &[Margin], rule: SuppressionRule) -> Suppressed {
    suppress_with(counts, margins, rule, |_, _| None)
}

/// The same, asking first for a transfer that keeps an exposed count company.
fn suppress_with(
    counts: &[Count],
    margins: &[Margin],
    rule: SuppressionRule,
    transfer: impl Fn(usize, &[Shown]) -> Option<Transfer>,
) -> Suppressed {
    let margins = margins
        .iter()
        .filter(|margin| holds(margin, counts))
        .collect();
    let sums = Sums::new(margins, counts.len());
    let told = bounds::read(counts, &of_england(counts), &sums, rule);
    let mut shown: Vec<Shown> = counts.iter().map(|count| primary(*count, rule)).collect();
    loop {
        let bounds = bounds::read(counts, &shown, &sums, rule);
        let exposed: Vec<usize> = (0..counts.len())
            .filter(|place| is_protected(counts, &shown, *place))
            .filter(|place| bounds::is_one_value(&bounds, *place))
            .collect();
        let mut company = transferred(&exposed, &mut shown, &transfer);
        if company.is_empty() {
            company = partners(counts, &shown, &sums, &bounds, &told, &exposed);
            hide(&company, &mut shown);
        }
        if company.is_empty() {
            return Suppressed { shown, exposed };
        }
    }
}

fn hide(places: &BTreeSet<usize>, shown: &mut [Shown]) {
    for place in places {
        if let Some(shown) = shown.get_mut(*place) {
            *shown = Shown::Hidden;
        }
    }
}

/// Hides what transfers of the exposed counts need hidden, and returns what that was. One transfer serves all counts
/// that it changes.
fn transferred(
    exposed: &[usize],
    shown: &mut [Shown],
    transfer: impl Fn(usize, &[Shown]) -> Option<Transfer>,
) -> BTreeSet<usize> {
    let (mut served, mut company) = (BTreeSet::new(), BTreeSet::new());
    for place in exposed {
        if !served.contains(place)
            && let Some(found) = transfer(*place, shown)
        {
            served.extend(found.less.into_iter().chain(found.more));
            let hidden = found.hidden.into_iter().collect();
            hide(&hidden, shown);
            company.extend(hidden);
        }
    }
    company
}

/// What would be shown were everything but England's figures hidden.
fn of_england(counts: &[Count]) -> Vec<Shown> {
    let shown = counts.iter().map(|count| match count.precision {
        Precision::Exact => Shown::Exact(count.value),
        Precision::Whole | Precision::Halved | Precision::Unpublished => Shown::Hidden,
    });
    shown.collect()
}

/// What must be hidden beside the exposed counts: one for each sum that makes an end of what is known of one.
fn partners(
    counts: &[Count],
    shown: &[Shown],
    sums: &Sums<'_>,
    bounds: &[Interval],
    told: &[Interval],
    exposed: &[usize],
) -> BTreeSet<usize> {
    let loose = sums.loose(shown);
    let lonely = |place| sums.lonely(place, shown, &loose);
    let mut partners = BTreeSet::new();
    for place in exposed {
        let binding = sums
            .of(*place)
            .filter(|margin| bounds::binds(bounds, margin, *place));
        for margin in binding {
            // One partner relieves all that this sum exposes.
            if margin.members().all(|member| !partners.contains(&member)) {
                let candidates = margin
                    .members()
                    .filter(|member| member != place && !bounds::is_one_value(told, *member));
                partners.extend(partner(counts, shown, candidates, lonely));
            }
        }
    }
    partners
}

fn is_protected(counts: &[Count], shown: &[Shown], place: usize) -> bool {
    let published = |count: &Count| count.precision != Precision::Unpublished;
    shown.get(place) == Some(&Shown::Hidden) && counts.get(place).is_some_and(published)
}

/// What the rule alone does to a count.
fn primary(Count { value, precision }: Count, rule: SuppressionRule) -> Shown {
    let hidden = value > Halves::ZERO && value < Halves::whole(rule.threshold.into());
    match precision {
        Precision::Exact => Shown::Exact(value),
        Precision::Unpublished => Shown::Hidden,
        Precision::Whole | Precision::Halved if value == Halves::ZERO => Shown::Exact(value),
        Precision::Whole | Precision::Halved if hidden => Shown::Hidden,
        Precision::Whole | Precision::Halved => Shown::Rounded(rounded(value, rule)),
    }
}

fn rounded(value: Halves, rule: SuppressionRule) -> Halves {
    let rounding = i64::from(rule.rounding.max(1));
    let times = (value.halves() + rounding).div_euclid(2 * rounding);
    Halves::new(times * 2 * rounding)
}

/// The count of a sum to be hidden beside one it exposes.
fn partner(
    counts: &[Count],
    shown: &[Shown],
    candidates: impl Iterator<Item = usize>,
    lonely: impl Fn(usize) -> usize,
) -> Option<usize> {
    candidates
        .filter_map(|place| Some((place, counts.get(place)?, shown.get(place)?)))
        .filter(|(_, count, shown)| {
            let whole_or_half = matches!(count.precision, Precision::Whole | Precision::Halved);
            whole_or_half && **shown != Shown::Hidden
        })
        .min_by_key(|(place, count, _)| {
            let zero = count.value == Halves::ZERO;
            (lonely(*place), zero, count.value, *place)
        })
        .map(|(place, _, _)| place)
}

fn holds(margin: &Margin, counts: &[Count]) -> bool {
    let value = |place: usize| counts.get(place).map(|count| count.value);
    let parts: Option<Vec<Halves>> = margin.parts.iter().map(|part| value(*part)).collect();
    let sum = parts.map(|parts| parts.into_iter().sum::<Halves>());
    sum.is_some() && value(margin.total) == sum
}
