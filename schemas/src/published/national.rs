//! The national combined CSV: thirty columns, of which every standard fills some.

use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::suppression::{Shown, SuppressedCell};
use clockstop_pipeline::statistics::{
    Activity, Cell, CellCounts, CellKey, ENGLAND, Figure, Halves, RouteOrStage,
};
use csv::Writer;

use super::{PublishedError, Row, figures, labels};

/// The columns, in order (B).
pub const NATIONAL_COLUMNS: [&str; 30] = [
    "Period",
    "Basis",
    "Org_Code",
    "Parent_Org",
    "Org_Name",
    "Standard_or_Item",
    "Cancer_Type",
    "Referral_Route_or_Stage",
    "Treatment_Modality",
    "Total",
    "Within",
    "After",
    "Performance",
    "Within_14_days",
    "In_15_to_28_days",
    "In_29_to_42_days",
    "In_43_to_62_days",
    "After_62_days",
    "Within_31_days",
    "In_32_to_38_days",
    "In_39_to_48_days",
    "In_49_to_62_days",
    "In_63_to_76_days",
    "In_77_to_90_days",
    "In_91_to_104_days",
    "After_104_days",
    "In_15_to_16_days",
    "In_17_to_21_days",
    "In_22_to_28_days",
    "After_28_days",
];

/// The code England has here.
const TOTAL_OF_ENGLAND: &str = "Total";

const TOTAL: usize = 9;
const WITHIN: usize = 10;
const AFTER: usize = 11;
const PERFORMANCE: usize = 12;
const AFTER_62: usize = 17;

/// The column of each of an activity's bands.
fn band_columns(activity: Activity) -> impl Iterator<Item = usize> {
    let column = |name: &str| NATIONAL_COLUMNS.iter().position(|column| *column == name);
    let bands = activity.bands().iter();
    bands.filter_map(move |band| column(band.column))
}

/// `Performance` is not read, since it follows from the counts, nor is `After_62_days` of 62-day rows.
pub(super) fn cell(row: &Row<'_>) -> Result<Cell, PublishedError> {
    let wrong = |at: usize, expected| row.wrong(name(at), expected);
    let (activity, route) =
        labels::item(row.field(5)).ok_or_else(|| wrong(5, "a standard or item"))?;
    let count = |at: usize| {
        let count = figures::halves(row.field(at));
        count.ok_or_else(|| wrong(at, "patients, in halves"))
    };
    let (within, after) = match activity.bands_within() {
        Some(_) => (Some(count(WITHIN)?), Some(count(AFTER)?)),
        None => (None, None),
    };
    let part = match route {
        Some(route) => RouteOrStage::Route(route),
        None => labels::part(activity, row.field(7))
            .ok_or_else(|| wrong(7, "a route or stage of the standard"))?,
    };
    let bands = band_columns(activity).map(count);
    let region = Some(row.field(3)).filter(|region| !region.is_empty());
    Ok(Cell {
        key: CellKey {
            month: figures::month(row.field(0)).ok_or_else(|| wrong(0, "a month"))?,
            basis: labels::basis(row.field(1)).ok_or_else(|| wrong(1, "a basis"))?,
            organisation: match row.field(2) {
                "" => return Err(wrong(2, "an organisation's code")),
                code if code.eq_ignore_ascii_case(TOTAL_OF_ENGLAND) => ENGLAND.into(),
                code => code.into(),
            },
            activity,
            part,
            cancer_type: labels::category(row.field(6)),
            modality: labels::category(row.field(8)),
        },
        name: row.field(4).into(),
        region: region.map(Into::into),
        counts: CellCounts {
            total: count(TOTAL)?,
            within,
            after,
            bands: bands.collect::<Result<_, _>>()?,
        },
    })
}

/// The cells as a national combined CSV, in the order given: UTF-8, lines ended by a line feed, months as
/// `2024-04-01`, performance unrounded.
///
/// The documents leave open what the real file has in the modality of first-seen rows (here blank) and in the
/// route of the urgent suspected cancer ones (here that of FDS).
#[must_use]
pub fn write_national(cells: &[Cell]) -> Vec<u8> {
    write(&NATIONAL_COLUMNS, cells.iter().map(fields))
}

/// The column that a suppressed file has after those of the national one: `true` where a count of the row is hidden.
pub const SUPPRESSED_COLUMN: &str = "Suppressed";

/// Suppressed cells in the shape of the national combined CSV and with [`SUPPRESSED_COLUMN`], in the order given. A hidden
/// count is blank, and so is a performance that rests on one (statistics 8).
#[must_use]
pub fn write_suppressed(cells: &[SuppressedCell]) -> Vec<u8> {
    let columns: Vec<&str> = NATIONAL_COLUMNS
        .into_iter()
        .chain([SUPPRESSED_COLUMN])
        .collect();
    let rows = cells.iter().map(|cell| {
        let hidden = cell.figures.iter().any(|(_, of)| *of == Shown::Hidden);
        let fields = suppressed_fields(cell).into_iter();
        fields.chain([hidden.to_string()])
    });
    write(&columns, rows)
}

fn write(columns: &[&str], lines: impl Iterator<Item: IntoIterator<Item = String>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rows = Writer::from_writer(&mut bytes);
    // Writing into memory does not fail, and every row has as many fields as there are columns.
    let mut written = rows.write_record(columns);
    for fields in lines {
        written = written.and_then(|()| rows.write_record(fields));
    }
    debug_assert!(written.is_ok(), "{written:?}");
    drop(rows);
    bytes
}

fn fields(cell: &Cell) -> [String; 30] {
    let Cell {
        key,
        name,
        region,
        counts,
    } = cell;
    let performance = counts
        .within
        .and_then(|within| within.share_of(counts.total));
    let figures = counts
        .figures()
        .map(|(figure, count)| (figure, Some(count)));
    filled(key, name, region.as_deref(), performance, figures)
}

fn suppressed_fields(cell: &SuppressedCell) -> [String; 30] {
    let figures = cell.figures.iter();
    let figures = figures.map(|(figure, shown)| (*figure, shown.value()));
    let region = cell.region.as_deref();
    filled(&cell.key, &cell.name, region, cell.performance, figures)
}

fn filled(
    key: &CellKey,
    name: &str,
    region: Option<&str>,
    performance: Option<f64>,
    figures: impl Iterator<Item = (Figure, Option<Halves>)>,
) -> [String; 30] {
    let mut fields = <[String; 30]>::default();
    let mut set = |at: usize, field: String| {
        if let Some(slot) = fields.get_mut(at) {
            *slot = field;
        }
    };
    let code = if key.is_england() {
        TOTAL_OF_ENGLAND
    } else {
        &key.organisation
    };
    set(0, format!("{}-01", key.month));
    set(1, labels::basis_name(key.basis).to_owned());
    set(2, code.to_owned());
    set(3, region.unwrap_or_default().to_owned());
    set(4, name.to_owned());
    set(5, labels::item_name(key.activity, key.part).to_owned());
    set(6, labels::cancer_type_name(&key.cancer_type).to_owned());
    set(7, key.part.name(key.activity).to_owned());
    set(
        8,
        labels::modality_name(key.activity, &key.modality).to_owned(),
    );
    set(
        PERFORMANCE,
        performance.map_or_else(String::new, |share| share.to_string()),
    );
    let bands: Vec<usize> = band_columns(key.activity).collect();
    for (figure, count) in figures {
        let text = count.map_or_else(String::new, |count| count.to_string());
        match figure {
            Figure::Total => set(TOTAL, text),
            Figure::Within => set(WITHIN, text),
            Figure::After => {
                // The bands of 62-day rows go on beyond the limit, and the column has their sum.
                if key.activity == Activity::Standard(Standard::SixtyTwoDay) {
                    set(AFTER_62, text.clone());
                }
                set(AFTER, text);
            }
            Figure::Band(band) => {
                if let Some(at) = bands.get(usize::from(band)) {
                    set(*at, text);
                }
            }
        }
    }
    fields
}

fn name(at: usize) -> &'static str {
    NATIONAL_COLUMNS.get(at).copied().unwrap_or_default()
}
