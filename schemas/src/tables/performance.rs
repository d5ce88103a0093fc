//! `performance`: the published statistic's cells (statistics 3).

mod reading;
#[cfg(test)]
mod tests;

pub use reading::{TableError, read_performance, read_releases};

use super::common::{ACTIVITY, ORGANISATION_NAME, REGION};
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{
    Basis, Category, Performance, Tables, Threshold, ThresholdKind,
};

/// One row per cell that is not empty; every row carries its cut, so that no sum mixes a total with
/// its parts.
pub static PERFORMANCE: Table = Table {
    name: "performance",
    rows: "One row per cell that is not empty; every row carries its cut, so that no sum mixes a total with its parts",
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
        "patients of this band of adjusted days",
    )
    .by("statistics 7")
    .null("no band of this standard")
}

const COLUMNS: &[Column] = &[
    column(
        "period_kind",
        Kind::Text,
        "month, quarter, year (April to March); never sum over it",
    )
    .by("statistics 3"),
    column("period", Kind::Text, "2025-03, 2024-25 Q4, 2024-25").by("statistics 3"),
    column(
        "last_month",
        Kind::Text,
        "YYYY-MM, the period's last month; its thresholds hold",
    )
    .by("statistics 3"),
    column(
        "release",
        Kind::Text,
        "running, provisional, final: of the last month",
    )
    .by("statistics 3")
    .null("whoever wrote the file does not tell"),
    ACTIVITY,
    column(
        "basis",
        Kind::Text,
        "PROVIDER, COMMISSIONER, ALLIANCE, ENGLAND; never sum over it",
    )
    .by("statistics 1"),
    column(
        "organisation",
        Kind::Text,
        "provider, commissioner or UNKNOWN, alliance's ONS code or UNMAPPED, ENGLAND",
    )
    .by("statistics 1"),
    ORGANISATION_NAME,
    REGION,
    column(
        "alliance",
        Kind::Text,
        "a provider's own alliance (ONS code), a column and never a basis",
    )
    .by("statistics 1")
    .null("not mapped, or of another basis"),
    column(
        "cut",
        Kind::Text,
        "all, by_type, by_cancer, by_modality; sum within one only",
    )
    .by("statistics 3"),
    column(
        "route_or_stage",
        Kind::Text,
        "as published, ALL ROUTES or ALL STAGES",
    )
    .by("statistics 7"),
    column(
        "cancer_type",
        Kind::Text,
        "suspected or diagnosed, as published, or ALL CANCERS",
    )
    .by("statistics 7"),
    column(
        "two_week_wait_cancer_or_symptomatic_breast_referral_type",
        Kind::Text,
        "the code of a suspected cancer type",
    )
    .by("rules 2.3")
    .null("diagnosed, ALL CANCERS, or Missing or Invalid"),
    column(
        "treatment_modality",
        Kind::Text,
        "as published, ALL MODALITIES",
    )
    .by("statistics 7")
    .null("FDS and FIRST_SEEN"),
    column(
        "total",
        Kind::Patients,
        "patients; 62D of providers and England in halves",
    )
    .by("statistics 3"),
    column("within", Kind::Patients, "patients within the standard")
        .by("statistics 3")
        .null("FIRST_SEEN"),
    column("after", Kind::Patients, "patients after the limit")
        .by("statistics 3")
        .null("FIRST_SEEN"),
    column("performance", Kind::Rate, "within / total, unrounded")
        .by("statistics 3")
        .null("FIRST_SEEN"),
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
        "the threshold that applies in last_month",
    )
    .by("statistics 3")
    .null("FIRST_SEEN, or none applies"),
    column(
        "standard_met",
        Kind::Flag,
        "threshold * total <= within, exactly",
    )
    .by("statistics 3")
    .null("as standard_threshold"),
    column(
        "standard_short",
        Kind::Patients,
        "patients short of it, with the total as it is",
    )
    .by("statistics 3")
    .null("as standard_threshold"),
    column(
        "plan_threshold",
        Kind::Rate,
        "the aim of the plan last_month lies in",
    )
    .by("statistics 3")
    .null("FIRST_SEEN, or in no plan"),
    column(
        "plan_met",
        Kind::Flag,
        "threshold * total <= within, exactly",
    )
    .by("statistics 3")
    .null("as plan_threshold"),
    column(
        "plan_short",
        Kind::Patients,
        "patients short of it, with the total as it is",
    )
    .by("statistics 3")
    .null("as plan_threshold"),
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
    out.text(code_of(row.category, tables));
    out.text(row.category.modality(row.activity));
    out.patients(Some(row.total()));
    out.patients(row.within());
    out.patients(row.after());
    out.number(row.rate());
    for column in COLUMNS.iter().filter(|column| is_band(column)) {
        let mut bands = row.bands();
        let found = bands.find(|(band, _)| band.column.eq_ignore_ascii_case(column.name));
        out.patients(found.map(|(_, patients)| patients));
    }
    for kind in [ThresholdKind::Standard, ThresholdKind::Plan] {
        let verdict = row.verdict(kind, tables);
        let whole = f64::from(Threshold::WHOLE);
        out.number(verdict.map(|of| f64::from(of.threshold.0) / whole));
        out.flag(verdict.map(|of| of.met));
        out.patients(verdict.map(|of| of.short));
    }
}

/// The referral's code of a suspected type; what is on no list has none.
fn code_of(category: Category, tables: &Tables) -> Option<&str> {
    let Category::Suspected(suspected) = category else {
        return None;
    };
    let mut codes = tables.suspected_types.iter();
    codes.find_map(|(code, listed)| (*listed == suspected).then_some(&**code))
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
