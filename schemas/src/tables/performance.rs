//! `performance`: the published statistic's cells (statistics 3).

mod reading;
#[cfg(test)]
mod tests;

pub use reading::{TableError, read_performance, read_releases};

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{Basis, Performance, Tables, Threshold, ThresholdKind};

/// One row per cell that is not empty; every row carries its cut, so that no sum mixes a total with
/// its parts.
pub static PERFORMANCE: Table = Table {
    name: "performance",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "standard",
        "period_kind",
        "period",
        "basis",
        "cut",
        "route_or_stage",
        "cancer_type",
        "treatment_modality",
    ],
};

const fn band(name: &'static str) -> Column {
    column(
        name,
        Kind::Patients,
        "patients by adjusted days; null: no band of this standard",
    )
}

const COLUMNS: &[Column] = &[
    column(
        "period_kind",
        Kind::Text,
        "month, quarter, year (April to March)",
    ),
    column("period", Kind::Text, "2025-03, 2024-25 Q4, 2024-25"),
    column(
        "last_month",
        Kind::Text,
        "YYYY-MM, the period's last month; its thresholds hold",
    ),
    column(
        "release",
        Kind::Text,
        "running, provisional, final: of the last month",
    ),
    column("standard", Kind::Text, "FDS, 62D, 31D, FIRST_SEEN"),
    column(
        "basis",
        Kind::Text,
        "PROVIDER, COMMISSIONER, ALLIANCE, ENGLAND; never sum over it",
    ),
    column(
        "organisation",
        Kind::Text,
        "provider, commissioner or UNKNOWN, alliance's ONS code or UNMAPPED, ENGLAND",
    ),
    column(
        "organisation_name",
        Kind::Text,
        "its name; null: not listed",
    ),
    column(
        "region",
        Kind::Text,
        "of provider and commissioner; null: not mapped",
    ),
    column(
        "alliance",
        Kind::Text,
        "a provider's own alliance (ONS code), a column and never a basis; null: not mapped",
    ),
    column(
        "cut",
        Kind::Text,
        "all, by_type, by_cancer, by_modality; sum within one only",
    ),
    column(
        "route_or_stage",
        Kind::Text,
        "as published, ALL ROUTES or ALL STAGES",
    ),
    column(
        "cancer_type",
        Kind::Text,
        "suspected or diagnosed, as published, or ALL CANCERS",
    ),
    column(
        "treatment_modality",
        Kind::Text,
        "as published, ALL MODALITIES; null: no treatment",
    ),
    column("total", Kind::Patients, "patients"),
    column(
        "within",
        Kind::Patients,
        "patients within the standard; null: no standard",
    ),
    column(
        "after",
        Kind::Patients,
        "patients after the limit; null: no standard",
    ),
    column(
        "performance",
        Kind::Rate,
        "within / total, unrounded; null: no standard",
    ),
    band("within_14_days"),
    band("in_15_to_28_days"),
    band("in_29_to_42_days"),
    band("in_43_to_62_days"),
    band("after_62_days"),
    band("within_31_days"),
    band("in_32_to_38_days"),
    band("in_39_to_48_days"),
    band("in_49_to_62_days"),
    band("in_63_to_76_days"),
    band("in_77_to_90_days"),
    band("in_91_to_104_days"),
    band("after_104_days"),
    band("in_15_to_16_days"),
    band("in_17_to_21_days"),
    band("in_22_to_28_days"),
    band("after_28_days"),
    column(
        "standard_threshold",
        Kind::Rate,
        "what applies in last_month; null: nothing",
    ),
    column(
        "standard_met",
        Kind::Flag,
        "threshold * total <= within, exactly",
    ),
    column(
        "standard_short",
        Kind::Patients,
        "patients short of it, with the total as it is",
    ),
    column(
        "plan_threshold",
        Kind::Rate,
        "the aim of the plan last_month lies in; null: none",
    ),
    column(
        "plan_met",
        Kind::Flag,
        "threshold * total <= within, exactly",
    ),
    column(
        "plan_short",
        Kind::Patients,
        "patients short of it, with the total as it is",
    ),
];

/// Appends a cell; `release` is that of the period's last month.
pub fn write_performance(
    row: &Performance,
    release: Option<&str>,
    tables: &Tables,
    out: &mut TableBuilder,
) {
    out.text(Some(row.period.kind().name()));
    out.text(Some(row.period.to_string()));
    out.text(Some(row.period.last_month().to_string()));
    out.text(release);
    out.text(Some(row.activity.name()));
    out.text(Some(row.basis.name()));
    write_organisation(row, tables, out);
    out.text(Some(row.category.cut()));
    out.text(Some(row.part.name(row.activity)));
    out.text(Some(row.category.cancer_type()));
    out.text(row.category.modality(row.activity));
    out.patients(Some(row.total()));
    out.patients(row.within());
    out.patients(row.after());
    out.rate(row.rate());
    for column in COLUMNS.iter().filter(|column| is_band(column)) {
        let mut bands = row.bands();
        let found = bands.find(|(band, _)| band.column.eq_ignore_ascii_case(column.name));
        out.patients(found.map(|(_, patients)| patients));
    }
    for kind in [ThresholdKind::Standard, ThresholdKind::Plan] {
        let verdict = row.verdict(kind, tables);
        let whole = f64::from(Threshold::WHOLE);
        out.rate(verdict.map(|of| f64::from(of.threshold.0) / whole));
        out.flag(verdict.map(|of| of.met));
        out.patients(verdict.map(|of| of.short));
    }
}

fn is_band(column: &Column) -> bool {
    column.name.ends_with("_days")
}

fn write_organisation(row: &Performance, tables: &Tables, out: &mut TableBuilder) {
    let code = row.organisation.as_str();
    let of_provider = tables
        .organisations
        .get(code)
        .filter(|_| row.basis == Basis::Provider);
    out.text(Some(code));
    out.text(row.organisation_name(tables));
    out.text(row.region(tables));
    out.text(of_provider.and_then(|of| of.alliance.as_deref()));
}
