//! A transfer is another publication that looks the same: tried for every small count of a sound one.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use super::sheet::{laid_out, margins};
use super::transfer::{Ledger, unit};
use super::{Count, Precision, Shown, SuppressionRule, holds, primary};
use crate::assessment::Standard;
use crate::statistics::identities::exceptions;
use crate::statistics::identities::tests::publication;
use crate::statistics::{Activity, CategoryName, Cell, RouteOrStage, TreatmentStage};

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
