//! What no hiding can protect does not leave at all.

use alloc::collections::BTreeSet;
use core::fmt;

use super::{SuppressedCells, SuppressionRule, suppress_cells};
use crate::assessment::Standard;
use crate::statistics::{Activity, Cell, CellKey};

/// A cut of an activity, with all that cut it further: `62D by route and cancer type`. Both bases go, for England stands on
/// both with the same figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeftOut {
    activity: Activity,
    part: bool,
    cancer_type: bool,
    modality: bool,
}

impl LeftOut {
    fn of(key: &CellKey) -> Self {
        let (activity, _, part, cancer_type, modality) = key.cut();
        Self {
            activity,
            part,
            cancer_type,
            modality,
        }
    }

    /// Nothing that is left sums to its rows, for whatever cuts them further goes too.
    fn covers(self, key: &CellKey) -> bool {
        let cut = Self::of(key);
        cut.activity == self.activity
            && cut.part >= self.part
            && cut.cancer_type >= self.cancer_type
            && cut.modality >= self.modality
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.activity.name())?;
        let part = match self.activity {
            Activity::Standard(Standard::ThirtyOneDay) => "stage",
            Activity::Standard(_) | Activity::FirstSeen => "route",
        };
        let mut joined = " by";
        for (cut, name) in [
            (self.part, part),
            (self.cancer_type, "cancer type"),
            (self.modality, "modality"),
        ] {
            if cut {
                write!(f, "{joined} {name}")?;
                joined = " and";
            }
        }
        Ok(())
    }
}

/// Suppresses published cells, and leaves out whole cuts until no count that is hidden is exposed.
///
/// A cut goes with its national rows and with all that cut it further, so that of what is left every sum is whole and none
/// tells what went. Where too few organisations share the patients nothing at all is left.
#[must_use]
pub fn suppress_or_leave_out(
    mut cells: Vec<Cell>,
    rule: SuppressionRule,
) -> (SuppressedCells, BTreeSet<LeftOut>) {
    let mut left_out = BTreeSet::new();
    loop {
        let found = suppress_cells(&cells, rule);
        if found.exposed.is_empty() {
            return (found, left_out);
        }
        left_out.extend(found.exposed.iter().map(|(key, _)| LeftOut::of(key)));
        cells.retain(|cell| !left_out.iter().any(|cut: &LeftOut| cut.covers(&cell.key)));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use smallvec::smallvec;

    use super::{LeftOut, suppress_or_leave_out};
    use crate::assessment::{Route, Standard};
    use crate::day::Month;
    use crate::statistics::suppression::{SuppressionRule, suppress_cells};
    use crate::statistics::{
        Activity, Basis, CategoryName, Cell, CellCounts, CellKey, ENGLAND, Halves, RouteOrStage,
    };

    const FIRST_SEEN: Activity = Activity::FirstSeen;
    const FDS: Activity = Activity::Standard(Standard::Fds);
    const USC: RouteOrStage = RouteOrStage::Route(Route::Usc);

    fn cell(organisation: &str, activity: Activity, part: RouteOrStage, patients: i64) -> Cell {
        let (some, none) = (Halves::whole(patients), Halves::ZERO);
        let judged = activity.standard();
        Cell {
            key: CellKey {
                month: Month {
                    year: 2025,
                    month: 3,
                },
                basis: Basis::Provider,
                organisation: organisation.into(),
                activity,
                part,
                cancer_type: CategoryName::All,
                modality: CategoryName::All,
            },
            name: "any name".into(),
            region: None,
            counts: CellCounts {
                total: some,
                within: judged.map(|_| some),
                after: judged.map(|_| none),
                bands: smallvec![some, none, none, none, none],
            },
        }
    }

    /// One provider's few are England's; two others share theirs.
    fn cells() -> Vec<Cell> {
        let all = RouteOrStage::All;
        vec![
            cell(ENGLAND, FIRST_SEEN, USC, 3),
            cell("RXX", FIRST_SEEN, USC, 3),
            cell(ENGLAND, FDS, all, 40),
            cell("RXX", FDS, all, 20),
            cell("RYY", FDS, all, 20),
        ]
    }

    #[test]
    fn what_is_exposed_goes_with_englands_and_the_rest_stays() {
        let rule = SuppressionRule::default();
        let exposed = suppress_cells(&cells(), rule).exposed;
        assert!(!exposed.is_empty());
        assert!(exposed.iter().all(|(key, _)| key.activity == FIRST_SEEN));
        let (found, left_out) = suppress_or_leave_out(cells(), rule);
        let left_out: Vec<String> = left_out.iter().map(LeftOut::to_string).collect();
        assert_eq!(left_out, ["FIRST_SEEN by route"]);
        let rest: Vec<_> = cells().into_iter().skip(2).collect();
        assert_eq!(found, suppress_cells(&rest, rule));
        assert_eq!(found.cells.len(), 3);
        assert_eq!(found.exposed, []);
    }

    #[test]
    fn where_everything_is_protected_nothing_goes() {
        let rest: Vec<_> = cells().into_iter().skip(2).collect();
        let rule = SuppressionRule::default();
        let plain = suppress_cells(&rest, rule);
        let (found, left_out) = suppress_or_leave_out(rest, rule);
        assert_eq!((found, left_out.len()), (plain, 0));
    }

    #[test]
    fn what_cuts_further_goes_too_on_either_basis() {
        let mut of = cell("RXX", FDS, RouteOrStage::All, 1).key;
        let by_route = LeftOut::of(&CellKey {
            part: USC,
            ..of.clone()
        });
        assert!(!by_route.covers(&of), "a coarser cut stays");
        of.part = USC;
        of.cancer_type = CategoryName::Named("skin".into());
        of.basis = Basis::Commissioner;
        assert!(by_route.covers(&of));
        assert_eq!(LeftOut::of(&of).to_string(), "FDS by route and cancer type");
        let by_type = LeftOut::of(&CellKey {
            part: RouteOrStage::All,
            ..of.clone()
        });
        assert!(by_type.covers(&of));
        of.modality = CategoryName::Named("Surgery".into());
        assert!(by_route.covers(&of));
        of.activity = Activity::Standard(Standard::SixtyTwoDay);
        assert!(!by_route.covers(&of));
    }
}
