//! A transfer is another publication that looks the same: tried for every small count of a sound one.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use smallvec::SmallVec;

use super::sheet::{laid_out, margins};
use super::transfer::{Ledger, Transfer, unit};
use super::{Count, Precision, Shown, SuppressionRule, holds, primary};
use crate::assessment::{Route, Standard};
use crate::day::Month;
use crate::statistics::identities::exceptions;
use crate::statistics::identities::tests::publication;
use crate::statistics::{
    Activity, Basis, CategoryName, Cell, CellCounts, CellKey, Halves, RouteOrStage, TreatmentStage,
};

/// Of 31-day waits by stage and 62-day waits by route, of two providers and two commissioners.
#[test]
fn after_a_transfer_every_sum_holds_and_all_that_is_shown_is_the_same() {
    let rows = publication();
    assert_eq!(exceptions(&rows), []);
    let rule = SuppressionRule {
        threshold: 40,
        rounding: 5,
    };
    let (starts, mut counts) = laid_out(&rows);
    let margins = margins(&rows, &starts, &mut counts);
    assert!(margins.iter().all(|margin| holds(margin, &counts)));
    let shown: Vec<Shown> = counts.iter().map(|count| primary(*count, rule)).collect();
    let ledger = Ledger::new(&rows, &starts, &counts, rule);
    let mut tried = 0;
    for (place, count) in counts.iter().enumerate() {
        let protected = shown[place] == Shown::Hidden && count.precision != Precision::Unpublished;
        let Some(transfer) = ledger.of(place, &shown).filter(|_| protected) else {
            continue;
        };
        tried += 1;
        let mut other: Vec<Count> = counts.clone();
        for (places, sign) in [(&transfer.less, -1), (&transfer.more, 1)] {
            for place in places {
                let row = &rows[starts.partition_point(|start| start <= place) - 1];
                other[*place].value += unit(&row.key, sign);
            }
        }
        assert!(transfer.less.contains(&place), "its own patient");
        for margin in &margins {
            let slack = margin
                .parts
                .iter()
                .find(|part| counts[**part].precision == Precision::Unpublished);
            if let Some(slack) = slack {
                let rest = other[margin.total].value - other[margin.parts[0]].value;
                assert!(rest.halves() >= 0, "{margin:?}");
                other[*slack].value = rest;
            }
            assert!(holds(margin, &other), "{margin:?}");
        }
        for (at, count) in other.iter().enumerate() {
            let same = primary(*count, rule) == shown[at] || shown[at] == Shown::Hidden;
            assert!(same || transfer.hidden.contains(&at), "{at} of {place}");
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn no_commissioner_is_lent_a_patient_it_could_not_have_treated() {
    let mut rows = publication();
    for row in &mut rows {
        // Whole patients, to be lent as such.
        row.counts.add(&row.counts.clone());
    }
    let treated = |cell: &Cell, organisation, activity| {
        let lung = CategoryName::Named("Lung".into());
        cell.key.cancer_type == lung
            && cell.key.organisation == organisation
            && cell.key.activity == Activity::Standard(activity)
    };
    let lent = |rows: &[Cell]| {
        let (starts, counts) = laid_out(rows);
        let rule = SuppressionRule::default();
        let shown: Vec<Shown> = counts.iter().map(|count| primary(*count, rule)).collect();
        let ledger = Ledger::new(rows, &starts, &counts, rule);
        let of = |cell: &Cell| treated(cell, "QYY", Standard::SixtyTwoDay);
        let small = rows.iter().zip(&starts).filter(|(cell, _)| of(cell));
        small
            .filter(|(_, start)| ledger.of(**start, &shown).is_some())
            .count()
    };
    assert_eq!(lent(&rows), 3, "all routes and each");
    let first = RouteOrStage::Stage(TreatmentStage::First);
    rows.retain(|cell| !(treated(cell, "QXX", Standard::ThirtyOneDay) && cell.key.part == first));
    assert_eq!(lent(&rows), 0);
}

/// Patients of the first band.
fn row(organisation: &str, activity: Activity, part: RouteOrStage, patients: i64) -> Cell {
    let (some, none) = (Halves::whole(patients), Halves::ZERO);
    let bands = (0..activity.bands().len()).map(|band| if band == 0 { some } else { none });
    let judged = activity.standard();
    Cell {
        key: CellKey {
            month: Month {
                year: 2025,
                month: 3,
            },
            basis: Basis::Commissioner,
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
            bands: bands.collect::<SmallVec<_>>(),
        },
    }
}

/// The transfer of a patient of a figure of a row, everything shown as the rule alone would.
fn transfer(rows: &[Cell], at: usize, figure: usize) -> Option<Transfer> {
    let (starts, counts) = laid_out(rows);
    let rule = SuppressionRule::default();
    let shown: Vec<Shown> = counts.iter().map(|count| primary(*count, rule)).collect();
    let place = starts[at] + figure;
    Ledger::new(rows, &starts, &counts, rule).of(place, &shown)
}

const USC: RouteOrStage = RouteOrStage::Route(Route::Usc);

#[test]
fn whoever_needs_least_hidden_has_the_patient_and_nobody_gives_one_that_it_has_not() {
    // A patient more is shown as 20 again where it was 20 or 21, and as 25 where it was 22.
    for (others, taker, hidden) in [([22, 20], 2, 0), ([22, 22], 1, 2), ([20, 21], 1, 0)] {
        let patients = [("QXX", 3), ("QYY", others[0]), ("QZZ", others[1])];
        let rows = patients.map(|(of, patients)| row(of, Activity::FirstSeen, USC, patients));
        let (starts, _) = laid_out(&rows);
        let found = transfer(&rows, 0, 0).expect("of the first band");
        let both = |at: usize| [starts[at], starts[at] + 1];
        assert_eq!(
            (found.less, found.more),
            (both(0).into(), both(taker).into())
        );
        assert_eq!(found.hidden.len(), hidden);
        assert!(transfer(&rows, 0, 2).is_none(), "nobody in the second band");
    }
}

/// Where types are cut within routes, a route without a row of any type has no patient.
#[test]
fn nobody_is_of_a_cut_without_a_row() {
    let symptomatic = RouteOrStage::Route(Route::BreastSymptomatic);
    let mut rows = Vec::new();
    for of in ["QXX", "QYY"] {
        let urgent = row(of, Activity::FirstSeen, USC, 3);
        let mut skin = urgent.clone();
        skin.key.cancer_type = CategoryName::Named("skin".into());
        rows.extend([urgent, skin, row(of, Activity::FirstSeen, symptomatic, 3)]);
    }
    assert!(transfer(&rows, 0, 0).is_some());
    assert!(transfer(&rows, 2, 0).is_none());
}

#[test]
fn a_transfer_leaves_at_least_as_many_first_treatments() {
    let first = Activity::Standard(Standard::ThirtyOneDay);
    let treated = Activity::Standard(Standard::SixtyTwoDay);
    let stage = RouteOrStage::Stage(TreatmentStage::First);
    // 62-day patients and first treatments of either, of which QXX gives one to QYY.
    for (given, theirs, own, can) in [
        (treated, [20, 20], [3, 30], false),
        (treated, [20, 21], [3, 30], true),
        (first, [20, 30], [3, 3], false),
        (first, [20, 30], [2, 3], true),
    ] {
        let rows = [
            row("QXX", treated, RouteOrStage::All, own[0]),
            row("QXX", first, stage, own[1]),
            row("QYY", treated, RouteOrStage::All, theirs[0]),
            row("QYY", first, stage, theirs[1]),
        ];
        let at = usize::from(given == first);
        let found = transfer(&rows, at, 0).is_some();
        assert_eq!(found, can, "{own:?} {theirs:?}");
    }
}
