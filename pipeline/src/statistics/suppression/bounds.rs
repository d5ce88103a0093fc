//! What a reader can conclude: each count between two values, narrowed by every sum until nothing changes.

use alloc::collections::BTreeSet;

use super::{Count, Margin, Precision, Shown, SuppressionRule};

/// More halves than there can be of patients, with room for sums of many.
const UNBOUNDED: i64 = 1 << 40;

/// From and to, both included, in halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    low: i64,
    high: i64,
    /// 2 where whole patients are counted.
    unit: i64,
}

impl Interval {
    const ANYTHING: Self = Self {
        low: 0,
        high: UNBOUNDED,
        unit: 1,
    };

    /// Narrowed to what is also between these, on the grid of the unit; `None` where nothing is.
    fn narrowed(self, low: i64, high: i64) -> Option<Self> {
        let low = self.low.max(low);
        let low = low + (-low).rem_euclid(self.unit);
        let high = self.high.min(high);
        let high = high - high.rem_euclid(self.unit);
        (low <= high).then_some(Self { low, high, ..self })
    }
}

/// The sums, and for each count those it is in.
pub(super) struct Sums<'a> {
    margins: Vec<&'a Margin>,
    of: Vec<Vec<usize>>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(margins: Vec<&'a Margin>, counts: usize) -> Self {
        let mut of = vec![Vec::new(); counts];
        for (at, margin) in margins.iter().enumerate() {
            for member in margin.members() {
                if let Some(of) = of.get_mut(member) {
                    of.push(at);
                }
            }
        }
        Self { margins, of }
    }

    pub(super) fn of(&self, place: usize) -> impl Iterator<Item = &'a Margin> + '_ {
        let of = self.of.get(place).into_iter().flatten();
        of.filter_map(|at| self.margins.get(*at).copied())
    }

    /// Of each sum, how many members are not shown exactly.
    pub(super) fn loose(&self, shown: &[Shown]) -> Vec<usize> {
        let loose = |margin: &&Margin| margin.members().filter(|of| is_loose(shown, *of)).count();
        self.margins.iter().map(loose).collect()
    }

    /// In how many of its sums the count would be the only one not shown exactly.
    pub(super) fn lonely(&self, place: usize, shown: &[Shown], loose: &[usize]) -> usize {
        let own = usize::from(is_loose(shown, place));
        let of = self.of.get(place).into_iter().flatten();
        of.filter(|at| loose.get(**at) == Some(&own)).count()
    }
}

fn is_loose(shown: &[Shown], place: usize) -> bool {
    !matches!(shown.get(place), Some(Shown::Exact(_)))
}

/// What a reader concludes, to whom a hidden count may be any.
pub(super) fn read(
    counts: &[Count],
    shown: &[Shown],
    sums: &Sums<'_>,
    rule: SuppressionRule,
) -> Vec<Interval> {
    let read = counts.iter().zip(shown);
    let mut bounds: Vec<Interval> = read
        .map(|(count, shown)| alone(*count, *shown, rule))
        .collect();
    propagate(sums, &mut bounds);
    bounds
}

pub(super) fn is_one_value(bounds: &[Interval], place: usize) -> bool {
    bounds
        .get(place)
        .is_some_and(|bounds| bounds.low == bounds.high)
}

/// Does this sum, with what is known of its other members, make either end of what is known of the count?
pub(super) fn binds(bounds: &[Interval], margin: &Margin, place: usize) -> bool {
    let of = |place: usize| bounds.get(place).copied().unwrap_or(Interval::ANYTHING);
    let (known, total) = (of(place), of(margin.total));
    let sums = margin.parts.iter().map(|part| of(*part));
    let (low, high) = sums.fold((0, 0), |(low, high), part| {
        (low + part.low, high + part.high)
    });
    let (low, high) = if place == margin.total {
        (low, high)
    } else {
        (
            total.low - (high - known.high),
            total.high - (low - known.low),
        )
    };
    let made = Interval {
        unit: known.unit,
        ..Interval::ANYTHING
    }
    .narrowed(low, high);
    made.is_some_and(|made| made.low == known.low || made.high == known.high)
}

/// What a count says without any sum.
fn alone(count: Count, shown: Shown, rule: SuppressionRule) -> Interval {
    let free = Interval {
        unit: unit(count),
        ..Interval::ANYTHING
    };
    let threshold = 2 * i64::from(rule.threshold);
    let rounding = i64::from(rule.rounding.max(1));
    let between = match shown {
        Shown::Exact(value) => free.narrowed(value.halves(), value.halves()),
        Shown::Rounded(value) => {
            let value = value.halves();
            free.narrowed(threshold.max(value - rounding), value + rounding - 1)
        }
        Shown::Hidden => None,
    };
    between.unwrap_or(free)
}

const fn unit(count: Count) -> i64 {
    match count.precision {
        Precision::Whole => 2,
        Precision::Exact | Precision::Halved | Precision::Unpublished => 1,
    }
}

/// Narrows by every sum until nothing changes. The counts themselves always remain possible, for the sums hold.
fn propagate(sums: &Sums<'_>, bounds: &mut [Interval]) {
    let mut waiting: BTreeSet<usize> = (0..sums.margins.len()).collect();
    let mut changed = Vec::new();
    while let Some(at) = waiting.pop_first() {
        if let Some(margin) = sums.margins.get(at) {
            let possible = narrow(margin, bounds, &mut changed).is_some();
            debug_assert!(possible, "{margin:?}");
        }
        for place in changed.drain(..) {
            waiting.extend(sums.of.get(place).into_iter().flatten());
        }
    }
}

/// Narrows the members of a sum by each other, and tells which changed. `None` where that leaves nothing possible.
fn narrow(margin: &Margin, bounds: &mut [Interval], changed: &mut Vec<usize>) -> Option<()> {
    let of = |bounds: &[Interval], place: usize| bounds.get(place).copied();
    let (mut low, mut high) = (0, 0);
    for part in &margin.parts {
        let part = of(bounds, *part)?;
        low += part.low;
        high += part.high;
    }
    let total = of(bounds, margin.total)?.narrowed(low, high)?;
    set(bounds, margin.total, total, changed);
    for place in &margin.parts {
        let part = of(bounds, *place)?;
        let others = (low - part.low, high - part.high);
        let part = part.narrowed(total.low - others.1, total.high - others.0)?;
        set(bounds, *place, part, changed);
    }
    Some(())
}

fn set(bounds: &mut [Interval], place: usize, to: Interval, changed: &mut Vec<usize>) {
    if let Some(of) = bounds.get_mut(place).filter(|of| **of != to) {
        *of = to;
        changed.push(place);
    }
}
