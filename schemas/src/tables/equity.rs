//! `equity`: which groups wait longer, one dimension at a time (statistics 5).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{Equity, Tables};

/// One row per month, standard, organisation, dimension and group that anybody is in; cut `all`.
pub static EQUITY: Table = Table {
    name: "equity",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "standard",
        "report_month",
        "basis",
        "dimension",
        "group",
    ],
};

const COLUMNS: &[Column] = &[
    column("report_month", Kind::Text, "YYYY-MM, the month that reports the waits").by("R17"),
    column("standard", Kind::Text, "FDS, 62D, 31D").by("R1"),
    column("basis", Kind::Text, "PROVIDER, COMMISSIONER, ENGLAND; never sum over it")
        .by("statistics 1"),
    column("organisation", Kind::Text, "provider, commissioner or UNKNOWN, ENGLAND")
        .by("statistics 1"),
    column("organisation_name", Kind::Text, "its name")
        .by("statistics 1")
        .null("not listed, or ENGLAND"),
    column("region", Kind::Text, "of provider and commissioner")
        .by("statistics 1")
        .null("not mapped, or ENGLAND"),
    column(
        "dimension",
        Kind::Text,
        "age_band, gender, ethnic_category, ethnic_group, deprivation_decile; never sum over it",
    )
    .by("statistics 5"),
    column(
        "group",
        Kind::Text,
        "band of ages at referral, code of the dictionary, group of codes, or decile (1 the most deprived)",
    )
    .by("statistics 5"),
    column("patients", Kind::Patients, "patients of the group; 62D of providers in halves")
        .by("statistics 5"),
    column("within", Kind::Patients, "of these within the standard").by("statistics 5"),
    column("after", Kind::Patients, "of these after the limit").by("statistics 5"),
    column("performance", Kind::Rate, "within / patients, unrounded").by("statistics 3"),
];

/// Appends the groups of all organisations.
pub fn write_equity(equity: &Equity, tables: &Tables, out: &mut TableBuilder) {
    for (key, counts) in equity.rows() {
        let organisation = key.organisation.as_str();
        out.text(Some(key.month.to_string()));
        out.text(Some(key.standard.name()));
        out.text(Some(key.basis.name()));
        out.text(Some(organisation));
        out.text(tables.name(key.basis, organisation));
        out.text(tables.region_on(key.basis, organisation));
        out.text(Some(key.dimension.name()));
        out.text(Some(key.group));
        out.patients(Some(counts.patients));
        out.patients(Some(counts.within));
        out.patients(Some(counts.patients - counts.within));
        out.number(counts.within.share_of(counts.patients));
    }
}
