//! The tidy files: one standard each, a row per month, basis, cut, organisation, route or stage, and category.

use clockstop_pipeline::statistics::{
    Activity, CategoryName, Cell, CellCounts, CellKey, ENGLAND, RouteOrStage,
};
use clockstop_pipeline::{Route, Standard};

use super::{PublishedError, Row, figures, labels};

const KEY: [&str; 8] = [
    "period",
    "basis",
    "cut",
    "org_code",
    "org_name",
    "route_or_stage",
    "category",
    "total",
];
const TOTAL: usize = 7;

/// What follows the key and the total in each of the files.
const SHAPES: [Shape; 4] = [
    Shape(&[
        "within_28",
        "after_28",
        "pct_within",
        "d0_14",
        "d15_28",
        "d29_42",
        "d43_62",
        "d63_plus",
    ]),
    Shape(&[
        "within_31",
        "after_31",
        "pct_within",
        "d0_31",
        "d32_38",
        "d39_48",
        "d49_62",
        "d63_plus",
    ]),
    Shape(&[
        "within_62",
        "after_62",
        "pct_within",
        "d0_31",
        "d32_38",
        "d39_48",
        "d49_62",
        "d63_76",
        "d77_90",
        "d91_104",
        "d105_plus",
    ]),
    Shape(&["d0_14", "d15_16", "d17_21", "d22_28", "d29_plus"]),
];

/// The columns of one of the files, after the total.
#[derive(Clone, Copy)]
pub(super) struct Shape(&'static [&'static str]);

impl Shape {
    pub(super) const fn columns(self) -> usize {
        KEY.len() + self.0.len()
    }

    fn name(self, at: usize) -> &'static str {
        let named = KEY.iter().chain(self.0).nth(at);
        named.copied().unwrap_or_default()
    }
}

/// The file with these columns.
pub(super) fn shape(columns: &[&[u8]]) -> Option<Shape> {
    SHAPES.into_iter().find(|shape| {
        let named = KEY.iter().chain(shape.0).map(|name| name.as_bytes());
        columns.iter().copied().eq(named)
    })
}

/// The cut tells what the category is, and of the first-seen file which activity; the band columns tell the
/// standard.
fn item(shape: Shape, cut: &str) -> Option<(Activity, Option<Route>)> {
    let treated = matches!(cut, "all_cancers" | "by_cancer" | "by_modality");
    let standard = |standard| (Activity::Standard(standard), None);
    match (shape.0.first().copied()?, cut) {
        ("within_28", "all_routes" | "by_route_and_suspected_type") => {
            Some(standard(Standard::Fds))
        }
        ("within_31", _) if treated => Some(standard(Standard::ThirtyOneDay)),
        ("within_62", _) if treated => Some(standard(Standard::SixtyTwoDay)),
        ("d0_14", "usc_to_first_outpatient_attendance") => {
            Some((Activity::FirstSeen, Some(Route::Usc)))
        }
        ("d0_14", "breast_symptomatic_to_first_hospital_assessment") => {
            Some((Activity::FirstSeen, Some(Route::BreastSymptomatic)))
        }
        _ => None,
    }
}

pub(super) fn cell(shape: Shape, row: &Row<'_>) -> Result<Cell, PublishedError> {
    let wrong = |at: usize, expected| row.wrong(shape.name(at), expected);
    let cut = row.field(2);
    let (activity, route) = item(shape, cut).ok_or_else(|| wrong(2, "a cut of this file"))?;
    let count = |at: usize| {
        let count = figures::halves(row.field(at));
        count.ok_or_else(|| wrong(at, "patients, in halves"))
    };
    let category = labels::category(row.field(6));
    let (cancer_type, modality) = if cut == "by_modality" {
        (CategoryName::All, category)
    } else {
        (category, CategoryName::All)
    };
    let (within, after, first_band) = match activity.bands_within() {
        Some(_) => (Some(count(TOTAL + 1)?), Some(count(TOTAL + 2)?), TOTAL + 4),
        None => (None, None, TOTAL + 1),
    };
    let part = match route {
        Some(route) => RouteOrStage::Route(route),
        None => labels::part(activity, row.field(5))
            .ok_or_else(|| wrong(5, "a route or stage of the standard"))?,
    };
    let bands = (first_band..shape.columns()).map(count);
    Ok(Cell {
        key: CellKey {
            month: figures::month(row.field(0)).ok_or_else(|| wrong(0, "a month"))?,
            basis: labels::basis(row.field(1)).ok_or_else(|| wrong(1, "a basis"))?,
            // England's rows have no code.
            organisation: match row.field(3) {
                "" => ENGLAND.into(),
                code => code.into(),
            },
            activity,
            part,
            cancer_type,
            modality,
        },
        name: row.field(4).into(),
        region: None,
        counts: CellCounts {
            total: count(TOTAL)?,
            within,
            after,
            bands: bands.collect::<Result<_, _>>()?,
        },
    })
}
