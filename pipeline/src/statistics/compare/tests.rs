//! One misunderstanding at a time.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use smallvec::smallvec;

use super::{Cause, Comparable, comparable, compare};
use crate::assessment::Standard;
use crate::day::Month;
use crate::statistics::{
    Activity, Basis, CategoryName, Cell, CellCounts, CellKey, ENGLAND, Halves, RouteOrStage,
    TreatmentStage, UNKNOWN_ICB,
};

fn key(month: i32, organisation: &str) -> CellKey {
    CellKey {
        month: Month { year: 2024, month },
        basis: Basis::Provider,
        organisation: organisation.into(),
        activity: Activity::Standard(Standard::ThirtyOneDay),
        part: RouteOrStage::All,
        cancer_type: CategoryName::All,
        modality: CategoryName::All,
    }
}

fn cell(key: CellKey, within: i64, after: i64) -> Cell {
    let [within, after] = [within, after].map(Halves::whole);
    let none = Halves::ZERO;
    Cell {
        key,
        name: "any name".into(),
        region: None,
        counts: CellCounts {
            total: within + after,
            within: Some(within),
            after: Some(after),
            bands: smallvec![within, after, none, none, none],
        },
    }
}

fn sub(month: i32, organisation: &str, part: RouteOrStage) -> CellKey {
    CellKey {
        part,
        ..key(month, organisation)
    }
}

/// Three months of two providers and England, by stage.
fn published() -> Vec<Cell> {
    let mut cells = Vec::new();
    for month in [11, 12] {
        for (organisation, times) in [("RXX", 1), ("RYY", 1), (ENGLAND, 2)] {
            cells.push(cell(key(month, organisation), 20 * times, 4 * times));
            for part in [
                RouteOrStage::Stage(TreatmentStage::First),
                RouteOrStage::Stage(TreatmentStage::Subsequent),
            ] {
                cells.push(cell(sub(month, organisation, part), 10 * times, 2 * times));
            }
        }
    }
    cells.push(cell(
        CellKey {
            month: Month {
                year: 2025,
                month: 1,
            },
            ..key(1, "RXX")
        },
        5,
        5,
    ));
    cells
}

/// The causes in the order given, with how many cells, what they sum to and which way.
fn causes(ours: &[Cell], theirs: &[Cell]) -> Vec<(Cause, usize, i64, i64)> {
    let sums = compare(ours, theirs).causes.into_iter();
    let whole = |halves: Halves| halves.halves() / 2;
    sums.map(|sum| (sum.cause, sum.cells, whole(sum.size), whole(sum.net)))
        .collect()
}

fn changed(changes: &[(CellKey, i64, i64)]) -> Vec<Cell> {
    let mut cells = published();
    for (key, within, after) in changes {
        for old in cells.iter_mut().filter(|cell| cell.key == *key) {
            *old = cell(key.clone(), *within, *after);
        }
    }
    cells
}

#[test]
fn equal_sets_differ_in_nothing_whatever_their_names() {
    let mut renamed = published();
    for cell in &mut renamed {
        cell.name = "ANOTHER NAME".into();
        cell.region = Some("LONDON".into());
    }
    renamed.reverse();
    renamed.push(cell(key(12, "RZZ"), 0, 0));
    let found = compare(&published(), &renamed);
    assert_eq!((found.same, found.differences.len()), (20, 0));
}

#[test]
fn the_largest_difference_comes_first() {
    let ours = changed(&[
        (key(12, "RXX"), 21, 4),
        (key(12, "RYY"), 20, 54),
        (key(11, "RYY"), 10, 14),
    ]);
    let found = compare(&ours, &published()).differences;
    let order: Vec<(Halves, &CellKey)> =
        found.iter().map(|each| (each.size(), &each.key)).collect();
    let (large, middle, small) = (key(12, "RYY"), key(11, "RYY"), key(12, "RXX"));
    assert_eq!(
        order,
        [
            (Halves::whole(50), &large),
            (Halves::whole(10), &middle),
            (Halves::whole(1), &small)
        ]
    );
}

#[test]
fn an_organisation_that_one_side_lacks() {
    let mut ours = published();
    ours.retain(|cell| cell.key.organisation != "RYY");
    assert_eq!(
        causes(&ours, &published()),
        [(Cause::OrganisationMissing, 6, 96, -96)]
    );
    assert_eq!(
        causes(&published(), &ours),
        [(Cause::OrganisationMissing, 6, 96, 96)]
    );
}

#[test]
fn the_unknown_commissioner_is_told_apart() {
    let commissioner = |code| CellKey {
        basis: Basis::Commissioner,
        ..key(12, code)
    };
    let theirs = vec![
        cell(commissioner("QXX"), 5, 5),
        cell(commissioner(ENGLAND), 6, 6),
    ];
    let mut ours = theirs.clone();
    ours.push(cell(commissioner(UNKNOWN_ICB), 1, 1));
    assert_eq!(
        causes(&ours, &theirs),
        [(Cause::UnknownCommissioner, 1, 2, 2)]
    );
    // A provider by that name is an organisation.
    ours[2].key.basis = Basis::Provider;
    ours.push(cell(key(12, "RXX"), 1, 1));
    let mut theirs = theirs;
    theirs.push(cell(key(12, "RXX"), 1, 1));
    assert_eq!(
        causes(&ours, &theirs),
        [(Cause::OrganisationMissing, 1, 2, 2)]
    );
}

#[test]
fn a_month_or_a_cut_that_one_side_lacks() {
    let mut ours = published();
    ours.retain(|cell| cell.key.month.year == 2024);
    assert_eq!(
        causes(&ours, &published()),
        [(Cause::MonthMissing, 1, 10, -10)]
    );
    let mut ours = published();
    ours.retain(|cell| cell.key.part == RouteOrStage::All);
    assert_eq!(
        causes(&ours, &published()),
        [(Cause::CutMissing, 12, 192, -192)]
    );
}

#[test]
fn patients_that_stand_in_the_next_month_instead() {
    // Over the turn of the year.
    let january = CellKey {
        month: Month {
            year: 2025,
            month: 1,
        },
        ..key(1, "RXX")
    };
    let ours = changed(&[(key(12, "RXX"), 22, 4), (january, 3, 5)]);
    assert_eq!(causes(&ours, &published()), [(Cause::MonthMoved, 2, 4, 0)]);
    let ours = changed(&[(key(11, "RXX"), 22, 4), (key(12, "RXX"), 18, 4)]);
    assert_eq!(causes(&ours, &published()), [(Cause::MonthMoved, 2, 4, 0)]);
}

#[test]
fn patients_that_stand_in_another_route_or_stage_type_or_modality() {
    let (first, subsequent) = (
        sub(12, "RXX", RouteOrStage::Stage(TreatmentStage::First)),
        sub(12, "RXX", RouteOrStage::Stage(TreatmentStage::Subsequent)),
    );
    let ours = changed(&[(first.clone(), 11, 2), (subsequent.clone(), 9, 2)]);
    assert_eq!(causes(&ours, &published()), [(Cause::Route, 2, 2, 0)]);
    // Both the same way are not moved.
    let ours = changed(&[(first, 11, 2), (subsequent, 11, 2)]);
    assert_eq!(causes(&ours, &published()), [(Cause::Other, 2, 2, 2)]);

    let named = |name: &str| CategoryName::Named(name.into());
    let by_type = |name: &str| CellKey {
        cancer_type: named(name),
        ..key(12, "RXX")
    };
    let by_modality = |name: &str| CellKey {
        modality: named(name),
        ..key(12, "RXX")
    };
    for (keys, cause) in [
        ([by_type("Lung"), by_type("Skin")], Cause::CancerType),
        (
            [by_modality("Surgery"), by_modality("Other")],
            Cause::Modality,
        ),
    ] {
        let theirs: Vec<Cell> = keys.iter().map(|key| cell(key.clone(), 5, 5)).collect();
        let ours = [cell(keys[0].clone(), 6, 5), cell(keys[1].clone(), 5, 4)];
        assert_eq!(causes(&ours, &theirs), [(cause, 2, 2, 0)]);
    }
}

#[test]
fn as_many_patients_with_other_waits() {
    let ours = changed(&[(key(12, "RXX"), 22, 2)]);
    assert_eq!(causes(&ours, &published()), [(Cause::Band, 1, 2, 0)]);
    let mut ours = published();
    ours[0].counts.bands = smallvec![
        Halves::whole(20),
        Halves::whole(3),
        Halves::whole(1),
        Halves::ZERO,
        Halves::ZERO
    ];
    assert_eq!(causes(&ours, &published()), [(Cause::Band, 1, 1, 0)]);
}

#[test]
fn causes_are_summed_largest_first() {
    let mut ours = changed(&[(key(12, "RXX"), 50, 4), (key(11, "RXX"), 19, 5)]);
    ours.retain(|cell| cell.key.organisation != "RYY");
    let expected = [
        (Cause::OrganisationMissing, 6, 96, -96),
        (Cause::Other, 1, 30, 30),
        (Cause::Band, 1, 1, 0),
    ];
    assert_eq!(causes(&ours, &published()), expected);
}

#[test]
fn a_file_that_holds_less_is_not_held_against_the_rest() {
    let all = published();
    let of = |keep: fn(&CellKey) -> bool| {
        let mut cells = all.clone();
        cells.retain(|cell| keep(&cell.key));
        cells
    };
    let [december, whole] = [
        of(|key| key.month.month == 12),
        of(|key| key.month.month == 12 && key.part == RouteOrStage::All),
    ];
    assert_eq!(comparable(all.clone(), &december).cells, december);
    let found = comparable(all.clone(), &whole);
    assert_eq!((found.cells, found.other_cuts), (whole, 6));
    let of_activity = |activity| {
        let mut cells = all.clone();
        for cell in &mut cells {
            cell.key.activity = activity;
        }
        cells
    };
    let fds = of_activity(Activity::Standard(Standard::Fds));
    assert_eq!(comparable(all, &fds), Comparable::default());
}

#[test]
fn the_unknown_commissioner_counts_only_against_a_file_that_has_it() {
    let of = |organisation| CellKey {
        basis: Basis::Commissioner,
        ..key(12, organisation)
    };
    let known = [cell(of("QXX"), 1, 1)];
    let both = [known[0].clone(), cell(of(UNKNOWN_ICB), 2, 2)];
    let found = comparable(both.to_vec(), &known);
    assert_eq!(
        (found.cells.as_slice(), found.unknown_commissioner),
        (&known[..], 1)
    );
    assert_eq!(comparable(both.to_vec(), &both).cells, both);
    let provider = [cell(key(12, UNKNOWN_ICB), 2, 2)];
    assert_eq!(
        comparable(provider.to_vec(), &[cell(key(12, "RXX"), 1, 1)]).cells,
        provider
    );
}
