//! What a month's figures were at its last release, and what they are now (statistics 3).

use super::cuts::Activity;
use super::wait::Wait;
use crate::day::Month;
use compact_str::CompactString;
use smallvec::SmallVec;

/// A wait as it is, or was, reported: from a [`Wait`], or from the files of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// The pathway; key or pseudonym, the same on both sides.
    pub pathway: CompactString,
    /// What is counted.
    pub activity: Activity,
    /// Its primary (62-day) or treatment (31-day).
    pub item: Option<CompactString>,
    /// The month that reports it.
    pub month: Month,
    /// Its providers, the investigating one first.
    pub parts: SmallVec<[Part; 2]>,
}

/// A provider's part of a reported wait.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The provider.
    pub organisation: CompactString,
    /// Patients, in halves.
    pub half_patients: u8,
    /// Patients within, in halves; `None` for first-seen activity.
    pub half_within: Option<u8>,
}

impl Reported {
    fn id(&self) -> (&str, Activity, Option<&str>) {
        (&self.pathway, self.activity, self.item.as_deref())
    }
}

impl From<&Wait> for Reported {
    fn from(wait: &Wait) -> Self {
        let id = wait.id();
        let parts = wait.shares().into_iter().map(|share| Part {
            organisation: share.organisation.as_str().into(),
            half_patients: share.half_patients,
            half_within: share.half_within,
        });
        Self {
            pathway: id.pathway.into(),
            activity: id.activity,
            item: id.item.map(Into::into),
            month: wait.month(),
            parts: parts.collect(),
        }
    }
}

/// One side of a restatement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The month that reports it.
    pub month: Month,
    /// The provider and its part; `None` where the wait has no (further) one.
    pub part: Option<Part>,
}

/// A row of `restatements`: a wait and one of its providers, then and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restatement {
    /// The pathway.
    pub pathway: CompactString,
    /// What is counted.
    pub activity: Activity,
    /// Its primary or treatment.
    pub item: Option<CompactString>,
    /// At the release; `None`: the wait was not in the month.
    pub old: Option<Side>,
    /// Now; `None`: the wait is counted no more.
    pub new: Option<Side>,
}

impl Restatement {
    /// Whether anything differs between release and now.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.old != self.new
    }
}

/// The full outer join, by wait, of a month as it was released with the waits of now: what was in the
/// month and what is in it, whatever the other month. By pathway, activity and item.
///
/// A shared wait has a row per provider: the same provider then and now first, the others paired in
/// their order.
#[must_use]
pub fn restatements(
    month: Month,
    mut frozen: Vec<Reported>,
    mut now: Vec<Reported>,
) -> Vec<Restatement> {
    frozen.sort_unstable();
    now.sort_unstable();
    let (mut frozen, mut now) = (frozen.into_iter().peekable(), now.into_iter().peekable());
    let mut rows = Vec::new();
    loop {
        let order = match (frozen.peek(), now.peek()) {
            (None, None) => return rows,
            (Some(_), None) => core::cmp::Ordering::Less,
            (None, Some(_)) => core::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.id().cmp(&new.id()),
        };
        let old = if order.is_le() { frozen.next() } else { None };
        let new = if order.is_ge() { now.next() } else { None };
        let elsewhere = old.is_none() && new.as_ref().is_some_and(|new| new.month != month);
        if !elsewhere {
            join(old, new, &mut rows);
        }
    }
}

fn join(old: Option<Reported>, new: Option<Reported>, rows: &mut Vec<Restatement>) {
    let Some(of) = old.as_ref().or(new.as_ref()) else {
        return;
    };
    let (pathway, activity, item) = (of.pathway.clone(), of.activity, of.item.clone());
    let months = (
        old.as_ref().map(|side| side.month),
        new.as_ref().map(|side| side.month),
    );
    let mut old = old.map_or_else(SmallVec::new, |side| side.parts);
    let mut new = new.map_or_else(SmallVec::new, |side| side.parts);
    let mut pairs: SmallVec<[(Option<Part>, Option<Part>); 2]> = SmallVec::new();
    old.retain(|part| {
        let same = |other: &Part| other.organisation == part.organisation;
        let found = new.iter().position(same).map(|at| new.remove(at));
        let is_alone = found.is_none();
        if let Some(found) = found {
            pairs.push((Some(part.clone()), Some(found)));
        }
        is_alone
    });
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    loop {
        let pair = (old.next(), new.next());
        if pair == (None, None) {
            break;
        }
        pairs.push(pair);
    }
    if pairs.is_empty() {
        pairs.push((None, None));
    }
    rows.extend(pairs.into_iter().map(|(old, new)| Restatement {
        pathway: pathway.clone(),
        activity,
        item: item.clone(),
        old: months.0.map(|month| Side { month, part: old }),
        new: months.1.map(|month| Side { month, part: new }),
    }));
}

#[cfg(test)]
mod tests {
    use super::{Part, Reported, Restatement, restatements};
    use crate::assessment::Standard;
    use crate::day::Month;
    use crate::statistics::Activity;
    use smallvec::SmallVec;

    const MARCH: Month = Month {
        year: 2026,
        month: 3,
    };
    const APRIL: Month = Month {
        year: 2026,
        month: 4,
    };

    fn reported(pathway: &str, month: Month, parts: &[(&str, u8, u8)]) -> Reported {
        let part = |&(organisation, half_patients, half_within): &(&str, u8, u8)| Part {
            organisation: organisation.into(),
            half_patients,
            half_within: Some(half_within),
        };
        Reported {
            pathway: pathway.into(),
            activity: Activity::Standard(Standard::SixtyTwoDay),
            item: Some("1".into()),
            month,
            parts: parts.iter().map(part).collect::<SmallVec<_>>(),
        }
    }

    /// `pathway: old month organisation patients within > new ...`, of what changed.
    fn told(rows: &[Restatement]) -> Vec<String> {
        let side = |side: &Option<super::Side>| match side {
            None => "-".to_owned(),
            Some(side) => match &side.part {
                None => format!("{} nobody", side.month),
                Some(part) => format!(
                    "{} {} {} {}",
                    side.month,
                    part.organisation,
                    part.half_patients,
                    part.half_within.unwrap_or(9)
                ),
            },
        };
        rows.iter()
            .filter(|row| row.is_changed())
            .map(|row| format!("{}: {} > {}", row.pathway, side(&row.old), side(&row.new)))
            .collect()
    }

    #[test]
    fn a_full_outer_join_says_what_moved_came_went_and_changed_hands() {
        let frozen = vec![
            reported("same", MARCH, &[("RXX", 2, 2)]),
            reported("moved", MARCH, &[("RXX", 2, 2)]),
            reported("gone", MARCH, &[("RXX", 2, 0)]),
            reported("shared", MARCH, &[("RXX", 1, 1), ("RYY", 1, 1)]),
            reported("handed", MARCH, &[("RXX", 2, 0)]),
        ];
        let now = vec![
            reported("came", MARCH, &[("RYY", 2, 2)]),
            reported("elsewhere", APRIL, &[("RYY", 2, 2)]),
            reported("shared", MARCH, &[("RYY", 2, 2)]),
            reported("moved", APRIL, &[("RXX", 2, 2)]),
            reported("same", MARCH, &[("RXX", 2, 2)]),
            reported("handed", MARCH, &[("RZZ", 2, 0)]),
        ];
        let rows = restatements(MARCH, frozen, now);
        assert_eq!(rows.len(), 7, "the unchanged one is there too");
        assert_eq!(
            told(&rows),
            [
                "came: - > 2026-03 RYY 2 2",
                "gone: 2026-03 RXX 2 0 > -",
                "handed: 2026-03 RXX 2 0 > 2026-03 RZZ 2 0",
                "moved: 2026-03 RXX 2 2 > 2026-04 RXX 2 2",
                "shared: 2026-03 RYY 1 1 > 2026-03 RYY 2 2",
                "shared: 2026-03 RXX 1 1 > 2026-03 nobody",
            ]
        );
    }
}
