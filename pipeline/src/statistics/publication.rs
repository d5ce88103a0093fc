//! From the figures counted here to the cells of a publication (statistics 3 and 7).

use compact_str::CompactString;

use super::cell::{CategoryName, Cell, CellCounts, CellKey};
use super::cuts::{Basis, Category};
use super::halves::Halves;
use super::performance::Performance;
use super::periods::PeriodKind;
use super::tables::Tables;

/// England's name in its rows.
const ENGLAND_NAME: &str = "ENGLAND";

/// The rows of months as published, in the order given: providers and commissioners, and England once on each of
/// these bases, with the same figures (identity 4 of 4.2). Quarters, years and alliances are in no published file.
#[must_use]
pub fn published_cells(rows: &[Performance], tables: &Tables) -> Vec<Cell> {
    let months = rows
        .iter()
        .filter(|row| row.period.kind() == PeriodKind::Month);
    let cells = months.flat_map(|row| {
        let bases: &[Basis] = match row.basis {
            Basis::Provider => &[Basis::Provider],
            Basis::Commissioner => &[Basis::Commissioner],
            Basis::England => &[Basis::Provider, Basis::Commissioner],
            Basis::Alliance => &[],
        };
        bases.iter().map(|basis| cell(row, *basis, tables))
    });
    cells.collect()
}

fn cell(row: &Performance, basis: Basis, tables: &Tables) -> Cell {
    let named = |name: &'static str| CategoryName::Named(CompactString::const_new(name));
    let (cancer_type, modality) = match row.category {
        Category::All => (CategoryName::All, CategoryName::All),
        Category::Suspected(suspected) => (named(suspected.name()), CategoryName::All),
        Category::Tumour(tumour) => (named(tumour.name()), CategoryName::All),
        Category::Modality(modality) => (CategoryName::All, named(modality.name())),
    };
    let name = match row.basis {
        Basis::England => ENGLAND_NAME,
        Basis::Provider | Basis::Commissioner | Basis::Alliance => {
            row.organisation_name(tables).unwrap_or_default()
        }
    };
    let region = row.region(tables).filter(|_| row.basis == Basis::Provider);
    Cell {
        key: CellKey {
            month: row.period.last_month(),
            basis,
            organisation: row.organisation.clone(),
            activity: row.activity,
            part: row.part,
            cancer_type,
            modality,
        },
        name: name.into(),
        region: region.map(Into::into),
        counts: CellCounts {
            total: row.total(),
            within: row.within(),
            after: row.after(),
            bands: row
                .bands()
                .map(|(_, patients): (_, Halves)| patients)
                .collect(),
        },
    }
}
