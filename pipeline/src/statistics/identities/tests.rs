//! A small publication in which everything holds, and each identity broken by hand.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there"
)]

use smallvec::smallvec;

use super::{Identity, exceptions};
use crate::assessment::{Route, Standard};
use crate::day::Month;
use crate::statistics::{
    Activity, Basis, CategoryName, Cell, CellCounts, CellKey, ENGLAND, Figure, Halves,
    RouteOrStage, TreatmentStage,
};

fn key(basis: Basis, organisation: &str, activity: Activity, part: RouteOrStage) -> CellKey {
    CellKey {
        month: Month {
            year: 2025,
            month: 3,
        },
        basis,
        organisation: organisation.into(),
        activity,
        part,
        cancer_type: CategoryName::All,
        modality: CategoryName::All,
    }
}

/// So many halves in every band within the standard, and so many in every band after it.
fn cell(key: CellKey, within: i64, after: i64) -> Cell {
    let first = key.activity.bands_within().unwrap();
    let bands = key.activity.bands().len();
    let bands: Vec<i64> = (0..bands)
        .map(|band| if band < first { within } else { after })
        .collect();
    let sum = |bands: &[i64]| Halves::new(bands.iter().sum());
    Cell {
        name: "any name".into(),
        region: None,
        counts: CellCounts {
            total: sum(&bands),
            within: Some(sum(&bands[..first])),
            after: Some(sum(&bands[first..])),
            bands: bands.iter().copied().map(Halves::new).collect(),
        },
        key,
    }
}

/// Two providers and two commissioners of England, 31-day by stage and 62-day by route, with two tumours.
pub(in crate::statistics) fn publication() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (basis, organisations) in [
        (Basis::Provider, ["RXX", "RYY"]),
        (Basis::Commissioner, ["QXX", "QYY"]),
    ] {
        for (organisation, half) in [(organisations[0], 1), (organisations[1], 1), (ENGLAND, 2)] {
            for (activity, parts, unit) in [
                (
                    Activity::Standard(Standard::ThirtyOneDay),
                    [
                        RouteOrStage::Stage(TreatmentStage::First),
                        RouteOrStage::Stage(TreatmentStage::Subsequent),
                    ],
                    40,
                ),
                (
                    Activity::Standard(Standard::SixtyTwoDay),
                    [
                        RouteOrStage::Route(Route::Screening),
                        RouteOrStage::Route(Route::Upgrade),
                    ],
                    1,
                ),
            ] {
                for (part, times) in [(parts[0], 1), (parts[1], 1), (RouteOrStage::All, 2)] {
                    let all = key(basis, organisation, activity, part);
                    let mut lung = all.clone();
                    lung.cancer_type = CategoryName::Named("Lung".into());
                    let mut skin = all.clone();
                    skin.cancer_type = CategoryName::Named("Skin".into());
                    let mut surgery = all.clone();
                    surgery.modality = CategoryName::Named("Surgery".into());
                    let count = unit * half * times;
                    cells.push(cell(all, 2 * count, 2 * count));
                    cells.push(cell(lung, count, count));
                    cells.push(cell(skin, count, count));
                    cells.push(cell(surgery, 2 * count, 2 * count));
                }
            }
        }
    }
    cells
}

fn broken(change: impl FnOnce(&mut Vec<Cell>)) -> Vec<(Identity, Figure)> {
    let mut cells = publication();
    change(&mut cells);
    let found = exceptions(&cells).into_iter();
    let mut found: Vec<_> = found.map(|each| (each.identity, each.figure)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn at<'a>(cells: &'a mut [Cell], of: &CellKey) -> &'a mut Cell {
    cells.iter_mut().find(|cell| cell.key == *of).unwrap()
}

#[test]
fn a_sound_publication_has_no_exception() {
    assert_eq!(exceptions(&publication()), []);
}

#[test]
fn a_cell_that_contradicts_itself_is_found() {
    let rxx = key(
        Basis::Provider,
        "RXX",
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::Route(Route::Screening),
    );
    let found = broken(|cells| at(cells, &rxx).counts.after = Some(Halves::new(99)));
    assert!(
        found.contains(&(Identity::WithinAndAfter, Figure::Total)),
        "{found:?}"
    );
    let found = broken(|cells| at(cells, &rxx).counts.bands[7] = Halves::new(99));
    assert!(
        found.contains(&(Identity::Bands, Figure::Total)),
        "{found:?}"
    );
    assert!(!found.contains(&(Identity::BandsWithin, Figure::Within)));
    let found = broken(|cells| at(cells, &rxx).counts.bands[3] = Halves::new(99));
    assert!(
        found.contains(&(Identity::BandsWithin, Figure::Within)),
        "{found:?}"
    );
}

#[test]
fn half_a_patient_belongs_to_the_62_day_standard_alone() {
    let first = key(
        Basis::Provider,
        "RXX",
        Activity::Standard(Standard::ThirtyOneDay),
        RouteOrStage::Stage(TreatmentStage::First),
    );
    let found = broken(|cells| at(cells, &first).counts.bands[4] = Halves::new(81));
    assert!(
        found.contains(&(Identity::Whole, Figure::Band(4))),
        "{found:?}"
    );
    let shared = key(
        Basis::Provider,
        "RXX",
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::Route(Route::Screening),
    );
    let found = broken(|cells| at(cells, &shared).counts.bands[4] = Halves::new(3));
    assert!(
        !found
            .iter()
            .any(|(identity, _)| *identity == Identity::Whole)
    );
}

#[test]
fn providers_sum_to_england_and_both_englands_are_one() {
    let all = key(
        Basis::Provider,
        "RXX",
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::All,
    );
    let found = broken(|cells| cells.retain(|cell| cell.key != all));
    assert!(
        found.contains(&(Identity::Providers, Figure::Total)),
        "{found:?}"
    );
    assert!(found.contains(&(Identity::Providers, Figure::Band(7))));
    let england = key(
        Basis::Provider,
        ENGLAND,
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::All,
    );
    let found = broken(|cells| cells.retain(|cell| cell.key != england));
    assert!(
        found.contains(&(Identity::Providers, Figure::Total)),
        "no England: {found:?}"
    );
    let found = broken(|cells| {
        let listed = |cell: &Cell| cell.key.is_england();
        cells.retain(|cell| listed(cell) || cell.key.basis == Basis::Commissioner);
    });
    assert!(
        found.contains(&(Identity::Providers, Figure::Total)),
        "no provider: {found:?}"
    );
    let england = key(
        Basis::Commissioner,
        ENGLAND,
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::All,
    );
    let found = broken(|cells| at(cells, &england).counts.bands[0] += Halves::new(2));
    assert!(
        found.contains(&(Identity::England, Figure::Band(0))),
        "{found:?}"
    );
}

#[test]
fn parts_sum_to_all_of_them() {
    let mut lung = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::ThirtyOneDay),
        RouteOrStage::Stage(TreatmentStage::Subsequent),
    );
    lung.cancer_type = CategoryName::Named("Lung".into());
    let more = |cell: &mut Cell| {
        cell.counts.total += Halves::whole(1);
        cell.counts.after = Some(cell.counts.after.unwrap() + Halves::whole(1));
        cell.counts.bands[4] += Halves::whole(1);
    };
    let found = broken(|cells| more(at(cells, &lung)));
    let parts =
        [Figure::Total, Figure::After, Figure::Band(4)].map(|figure| (Identity::Parts, figure));
    assert_eq!(found, parts);
    let mut surgery = key(
        Basis::Provider,
        "RXX",
        Activity::Standard(Standard::SixtyTwoDay),
        RouteOrStage::All,
    );
    surgery.modality = CategoryName::Named("Surgery".into());
    let found = broken(|cells| more(at(cells, &surgery)));
    assert!(
        found.contains(&(Identity::Parts, Figure::Total)),
        "{found:?}"
    );
}

#[test]
fn types_within_routes_sum_to_all_of_both() {
    let all = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::Fds),
        RouteOrStage::All,
    );
    let mut lung = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::Fds),
        RouteOrStage::Route(Route::Screening),
    );
    lung.cancer_type = CategoryName::Named("Suspected lung cancer".into());
    let mut skin = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::Fds),
        RouteOrStage::Route(Route::Usc),
    );
    skin.cancer_type = CategoryName::Named("Suspected skin cancer".into());
    let cells = |skins| {
        vec![
            cell(all.clone(), 10, 10),
            cell(lung.clone(), 4, 4),
            cell(skin.clone(), skins, skins),
        ]
    };
    assert_eq!(exceptions(&cells(6)), []);
    let found = exceptions(&cells(8));
    assert!(
        found
            .iter()
            .all(|each| each.identity == Identity::Parts && each.key == all)
    );
    assert_eq!(found.len(), 8);
    assert_eq!(
        (found[0].found, found[0].expected),
        (Halves::whole(25), Halves::whole(30))
    );
}

#[test]
fn only_fds_has_types_within_routes_that_make_up_the_whole() {
    let found = broken(|cells| {
        cells.retain(|cell| {
            let cut = cell.key.cancer_type == CategoryName::All;
            cut || cell.key.part == RouteOrStage::Stage(TreatmentStage::First)
        });
    });
    assert_eq!(found, [], "types of first treatments are all of those");
}

#[test]
fn sixty_two_day_patients_are_first_treated_whatever_with() {
    let mut surgery = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::ThirtyOneDay),
        RouteOrStage::Stage(TreatmentStage::First),
    );
    surgery.modality = CategoryName::Named("Surgery".into());
    let found = broken(|cells| cells.retain(|cell| cell.key != surgery));
    let first = |(identity, _): &(Identity, Figure)| *identity == Identity::FirstTreatments;
    assert!(!found.iter().any(first), "{found:?}");
}

#[test]
fn sixty_two_day_patients_are_first_treated() {
    let first = key(
        Basis::Commissioner,
        "QXX",
        Activity::Standard(Standard::ThirtyOneDay),
        RouteOrStage::Stage(TreatmentStage::First),
    );
    let found = broken(|cells| cells.retain(|cell| cell.key != first));
    assert!(
        found.contains(&(Identity::FirstTreatments, Figure::Total)),
        "{found:?}"
    );
    let mut few = CellCounts {
        total: Halves::new(32),
        ..CellCounts::default()
    };
    few.bands = smallvec![Halves::new(32)];
    let found = broken(|cells| at(cells, &first).counts = few.clone());
    assert!(
        !found.contains(&(Identity::FirstTreatments, Figure::Total)),
        "as many is fine: {found:?}"
    );
    few.total = Halves::new(30);
    let found = broken(|cells| at(cells, &first).counts = few);
    assert!(
        found.contains(&(Identity::FirstTreatments, Figure::Total)),
        "{found:?}"
    );
}
