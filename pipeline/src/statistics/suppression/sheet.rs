//! Published cells as counts and the sums that anybody knows to hold between them.

use alloc::collections::BTreeSet;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use smallvec::SmallVec;

use super::transfer::Ledger;
use super::{Count, Margin, Precision, Shown, SuppressionRule, rate, suppress_with};
use crate::assessment::Standard;
use crate::day::Month;
use crate::statistics::identities::{Over, parts_of};
use crate::statistics::{
    Activity, Basis, Cell, CellCounts, CellKey, ENGLAND, Figure, Halves, RouteOrStage,
    TreatmentStage, UNKNOWN_ICB,
};

/// Organisations with nobody that may be hidden beside those of a national figure with somebody.
const SPARE_ROWS: usize = 3;

/// A cell as it leaves the building.
#[derive(Clone, Debug, PartialEq)]
pub struct SuppressedCell {
    /// What it counts.
    pub key: CellKey,
    /// The organisation's name that month.
    pub name: CompactString,
    /// A provider's region, where it is known.
    pub region: Option<CompactString>,
    /// The figures, in the order of [`CellCounts::figures`].
    pub figures: SmallVec<[(Figure, Shown); 11]>,
    /// Within over total as shown; `None` where either is hidden, or there is no standard.
    pub performance: Option<f64>,
}

/// Cells as they leave the building.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SuppressedCells {
    /// By month, in the order given; then the rows of organisations with nobody that were needed to hide others.
    pub cells: Vec<SuppressedCell>,
    /// What no hiding can protect: it must not leave the building.
    pub exposed: Vec<(CellKey, Figure)>,
}

/// Suppresses published cells, month by month.
///
/// The margins are all that the identities give: within a row, over organisations to England on both bases, over
/// routes, stages, types, tumours and modalities, and a commissioner's 62-day total being at most its 31-day
/// first treatments.
#[must_use]
pub fn suppress_cells(cells: &[Cell], rule: SuppressionRule) -> SuppressedCells {
    let mut months: IndexMap<Month, Vec<&Cell>, FixedState> = IndexMap::default();
    for cell in cells {
        months.entry(cell.key.month).or_default().push(cell);
    }
    let mut all = SuppressedCells::default();
    for cells in months.values() {
        let month = suppress_month(cells, rule);
        all.cells.extend(month.cells);
        all.exposed.extend(month.exposed);
    }
    all
}

fn suppress_month(cells: &[&Cell], rule: SuppressionRule) -> SuppressedCells {
    let given = cells.iter().map(|cell| (*cell).clone());
    let rows: Vec<Cell> = given.chain(spare_rows(cells)).collect();
    let (starts, mut counts) = laid_out(&rows);
    let margins = margins(&rows, &starts, &mut counts);
    let ledger = Ledger::new(&rows, &starts, &counts, rule);
    let suppressed = suppress_with(&counts, &margins, rule, |place, shown| {
        ledger.of(place, shown)
    });
    let mut found = SuppressedCells::default();
    for (at, (row, start)) in rows.into_iter().zip(starts).enumerate() {
        let figures = row.counts.figures().enumerate();
        let figures = figures.filter_map(|(offset, (figure, _))| {
            let shown = suppressed.shown.get(start + offset)?;
            Some((figure, *shown))
        });
        let figures: SmallVec<[(Figure, Shown); 11]> = figures.collect();
        for (offset, (figure, _)) in figures.iter().enumerate() {
            if suppressed.exposed.binary_search(&(start + offset)).is_ok() {
                found.exposed.push((row.key.clone(), *figure));
            }
        }
        let hides = figures.iter().any(|(_, shown)| *shown == Shown::Hidden);
        if at < cells.len() || hides {
            found.cells.push(SuppressedCell {
                performance: performance(&figures),
                key: row.key,
                name: row.name,
                region: row.region,
                figures,
            });
        }
    }
    found
}

fn performance(figures: &[(Figure, Shown)]) -> Option<f64> {
    let of = |wanted| figures.iter().find(|(figure, _)| *figure == wanted);
    rate(of(Figure::Within)?.1, of(Figure::Total)?.1)
}

/// Rows of nobody are not written; but where England's few are all of one organisation, others must be able to be
/// hidden beside it. The largest are taken, since they have the rows that sum them, and of equals the first by code.
fn spare_rows(cells: &[&Cell]) -> Vec<Cell> {
    let mut organisations: IndexMap<(Basis, Activity), IndexMap<&CompactString, &Cell>> =
        IndexMap::default();
    let mut present: BTreeSet<&CellKey> = BTreeSet::new();
    for cell in cells {
        present.insert(&cell.key);
        if !cell.key.is_england() {
            let of = organisations
                .entry((cell.key.basis, cell.key.activity))
                .or_default();
            let largest = of.entry(&cell.key.organisation).or_insert(*cell);
            if cell.counts.total > largest.counts.total {
                *largest = *cell;
            }
        }
    }
    for of in organisations.values_mut() {
        of.sort_unstable_by(|code, any, other_code, other| {
            let size = other.counts.total.cmp(&any.counts.total);
            size.then_with(|| code.cmp(other_code))
        });
    }
    let national = cells.iter().filter(|cell| cell.key.is_england());
    let mut spare = Vec::new();
    for england in national {
        let of = organisations.get(&(england.key.basis, england.key.activity));
        let rows = of.into_iter().flatten().filter_map(|(organisation, any)| {
            let organisation = (*organisation).clone();
            let key = CellKey {
                organisation,
                ..england.key.clone()
            };
            (!present.contains(&key)).then(|| nobody(key, any, &england.counts))
        });
        spare.extend(rows.take(SPARE_ROWS));
    }
    spare
}

fn nobody(key: CellKey, of_same_organisation: &Cell, like: &CellCounts) -> Cell {
    Cell {
        key,
        name: of_same_organisation.name.clone(),
        region: of_same_organisation.region.clone(),
        counts: CellCounts {
            total: Halves::ZERO,
            within: like.within.map(|_| Halves::ZERO),
            after: like.after.map(|_| Halves::ZERO),
            bands: like.bands.iter().map(|_| Halves::ZERO).collect(),
        },
    }
}

/// The place of each row's first figure, and every figure in order.
pub(super) fn laid_out(rows: &[Cell]) -> (Vec<usize>, Vec<Count>) {
    let mut counts = Vec::new();
    let starts = rows.iter().map(|row| {
        let start = counts.len();
        let precision = precision(&row.key);
        let figures = row.counts.figures();
        counts.extend(figures.map(|(_, value)| Count { value, precision }));
        start
    });
    (starts.collect(), counts)
}

/// Commissioners count whole patients, but the unknown one, which takes what is over from halves (statistics 1).
fn precision(key: &CellKey) -> Precision {
    let sixty_two = key.activity == Activity::Standard(Standard::SixtyTwoDay);
    match (key.organisation.as_str(), key.basis) {
        (ENGLAND, _) => Precision::Exact,
        (UNKNOWN_ICB, _) | (_, Basis::Provider) if sixty_two => Precision::Halved,
        _ => Precision::Whole,
    }
}

pub(super) fn margins(rows: &[Cell], starts: &[usize], counts: &mut Vec<Count>) -> Vec<Margin> {
    let index: IndexMap<&CellKey, usize, FixedState> = rows
        .iter()
        .map(|row| &row.key)
        .zip(starts.iter().copied())
        .collect();
    let mut margins = Vec::new();
    let mut sums: IndexMap<(Over, CellKey), (usize, Vec<usize>), FixedState> = IndexMap::default();
    for (row, start) in rows.iter().zip(starts) {
        within_a_row(row, *start, &mut margins);
        let commissioner = row.key.basis == Basis::Commissioner && !row.key.is_england();
        let england = commissioner.then(|| (Over::Organisations, row.key.of_england()));
        for whole in parts_of(&row.key).chain(england) {
            if index.contains_key(&whole.1) {
                let figures = row.counts.figures().count();
                sums.entry(whole)
                    .or_insert((figures, Vec::new()))
                    .1
                    .push(*start);
            }
        }
        if let Some(first) = first_treatments(&row.key).and_then(|key| index.get(&key)) {
            let over =
                counts.get(*first).map_or(Halves::ZERO, |first| first.value) - row.counts.total;
            margins.push(Margin {
                total: *first,
                parts: vec![*start, counts.len()],
            });
            counts.push(Count {
                value: over,
                precision: Precision::Unpublished,
            });
        }
    }
    for ((_, key), (figures, parts)) in sums {
        for (figure, whole) in (0..figures).zip(index.get(&key).map_or(0, |start| *start)..) {
            let parts = parts.iter().map(|start| start + figure).collect();
            margins.push(Margin {
                total: whole,
                parts,
            });
        }
    }
    margins
}

/// Total is within and after, and the bands; within and after are their bands.
fn within_a_row(row: &Cell, start: usize, margins: &mut Vec<Margin>) {
    let bands = row.counts.bands.len();
    let figures = row.counts.figures().count();
    let first_band = start + figures - bands;
    let all: Vec<usize> = (first_band..first_band + bands).collect();
    if let Some(within) = row.key.activity.bands_within() {
        let (early, late) = all.split_at(within.min(bands));
        margins.push(Margin {
            total: start,
            parts: vec![start + 1, start + 2],
        });
        margins.push(Margin {
            total: start + 1,
            parts: early.to_vec(),
        });
        margins.push(Margin {
            total: start + 2,
            parts: late.to_vec(),
        });
    }
    margins.push(Margin {
        total: start,
        parts: all,
    });
}

/// The 31-day first treatments that a commissioner's 62-day total is at most.
fn first_treatments(key: &CellKey) -> Option<CellKey> {
    let of = key.basis == Basis::Commissioner
        && !key.is_england()
        && key.activity == Activity::Standard(Standard::SixtyTwoDay)
        && key.part == RouteOrStage::All
        && key.modality.is_all();
    of.then(|| CellKey {
        activity: Activity::Standard(Standard::ThirtyOneDay),
        part: RouteOrStage::Stage(TreatmentStage::First),
        ..key.clone()
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]
mod tests {
    use smallvec::smallvec;

    use super::{
        Activity, Basis, Cell, CellCounts, CellKey, Figure, Halves, Month, Precision, RouteOrStage,
        Shown, SuppressionRule, UNKNOWN_ICB, first_treatments, precision, spare_rows,
        suppress_cells,
    };
    use crate::assessment::{Route, Standard};
    use crate::statistics::{CategoryName, ENGLAND};

    fn seen(basis: Basis, organisation: &str, cancer_type: &str, patients: i64) -> Cell {
        let (some, none) = (Halves::whole(patients), Halves::ZERO);
        Cell {
            key: CellKey {
                month: Month {
                    year: 2025,
                    month: 3,
                },
                basis,
                organisation: organisation.into(),
                activity: Activity::FirstSeen,
                part: RouteOrStage::Route(Route::Usc),
                cancer_type: CategoryName::Named(cancer_type.into()),
                modality: CategoryName::All,
            },
            name: "any name".into(),
            region: None,
            counts: CellCounts {
                total: some,
                within: None,
                after: None,
                bands: smallvec![some, none, none, none, none],
            },
        }
    }

    /// England's only patient of a type is that of one provider: the others, which have no row of it, get one.
    #[test]
    fn an_only_patient_is_hidden_among_organisations_that_have_none() {
        for basis in [Basis::Provider, Basis::Commissioner] {
            let cells = [
                seen(basis, ENGLAND, "leukaemia", 1),
                seen(basis, "RXX", "leukaemia", 1),
                seen(basis, ENGLAND, "skin", 40),
                seen(basis, "RYY", "skin", 20),
                seen(basis, "RZZ", "skin", 20),
            ];
            let found = suppress_cells(&cells, SuppressionRule::default());
            assert_eq!(found.exposed, []);
            let spare: Vec<_> = found.cells.iter().skip(cells.len()).collect();
            assert!(!spare.is_empty());
            for row in spare.iter().copied().chain(found.cells.get(1)) {
                let hidden = row
                    .figures
                    .iter()
                    .filter(|(_, shown)| *shown == Shown::Hidden);
                let hidden: Vec<Figure> = hidden.map(|(figure, _)| *figure).collect();
                assert_eq!(hidden, [Figure::Total, Figure::Band(0)], "{:?}", row.key);
            }
            let england = found.cells.first().unwrap();
            assert!(
                england
                    .figures
                    .iter()
                    .all(|(_, shown)| matches!(shown, Shown::Exact(_)))
            );
        }
    }

    #[test]
    fn the_three_largest_are_spared_a_row_and_of_equals_the_first_by_code() {
        let cells = [
            ("RCC", "skin", 20),
            ("RBB", "skin", 20),
            ("RAA", "skin", 10),
            ("RAA", "lung", 30),
            ("RZZ", "skin", 25),
            ("RXX", "leukaemia", 1),
            (ENGLAND, "leukaemia", 1),
        ];
        let cells = cells.map(|(of, cancer_type, n)| seen(Basis::Provider, of, cancer_type, n));
        let spare = spare_rows(&cells.each_ref());
        let spare: Vec<_> = spare.iter().map(|row| &*row.key.organisation).collect();
        assert_eq!(spare, ["RAA", "RZZ", "RBB"]);
    }

    /// Statistics 1 and 3: providers and the unknown commissioner have halves, of 62-day waits alone.
    #[test]
    fn sixty_two_day_waits_have_halves_and_are_first_treated_whatever_with() {
        use Precision::{Exact, Halved, Whole};
        let (short, long) = (Standard::ThirtyOneDay, Standard::SixtyTwoDay);
        for (basis, organisation, standard, expected) in [
            (Basis::Provider, "RXX", long, Halved),
            (Basis::Provider, "RXX", short, Whole),
            (Basis::Commissioner, "QXX", long, Whole),
            (Basis::Commissioner, UNKNOWN_ICB, long, Halved),
            (Basis::Commissioner, UNKNOWN_ICB, short, Whole),
            (Basis::Provider, ENGLAND, long, Exact),
        ] {
            let mut key = seen(basis, organisation, "skin", 1).key;
            key.activity = Activity::Standard(standard);
            key.part = RouteOrStage::All;
            assert_eq!(precision(&key), expected, "{organisation}");
            let listed = expected != Exact && basis == Basis::Commissioner && standard == long;
            assert_eq!(first_treatments(&key).is_some(), listed);
            key.modality = CategoryName::Named("Surgery".into());
            assert_eq!(first_treatments(&key), None);
        }
    }
}
