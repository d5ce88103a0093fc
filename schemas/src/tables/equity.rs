//! `equity`: which groups wait longer, one dimension at a time (statistics 5).

use super::common::{ORGANISATION_NAME, REGION, STANDARD};
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{Dimension, Equity, Tables};

/// One row per month, standard, organisation, dimension and group that anybody is in; cut `all`.
pub static EQUITY: Table = Table {
    name: "equity",
    rows: "One row per month, standard, organisation, dimension and group that anybody is in; cut `all`",
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
    STANDARD,
    column("basis", Kind::Text, "PROVIDER, COMMISSIONER, ENGLAND; never sum over it")
        .by("statistics 1"),
    column("organisation", Kind::Text, "provider, commissioner or UNKNOWN, ENGLAND")
        .by("statistics 1"),
    ORGANISATION_NAME,
    REGION,
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
    column("group_name", Kind::Text, "what the dictionary says of the code, or of the group of codes")
        .by("statistics 5")
        .null("bands and deciles say it themselves"),
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
        out.text(group_name(key.dimension, key.group));
        out.patients(Some(counts.patients));
        out.patients(Some(counts.within));
        out.patients(Some(counts.patients - counts.within));
        out.number(counts.within.share_of(counts.patients));
    }
}

/// PERSON STATED GENDER CODE, ETHNIC CATEGORY and its groups in words, as the NHS Data Dictionary has them.
fn group_name(dimension: Dimension, group: &str) -> Option<&'static str> {
    let names: &[(&str, &str)] = match dimension {
        Dimension::Gender => &GENDERS,
        Dimension::EthnicCategory => &ETHNIC_CATEGORIES,
        Dimension::EthnicGroup => &ETHNIC_GROUPS,
        Dimension::AgeBand | Dimension::DeprivationDecile => &[],
    };
    let mut names = names.iter();
    names.find_map(|(code, name)| (*code == group).then_some(*name))
}

const GENDERS: [(&str, &str); 4] = [
    ("1", "Male"),
    ("2", "Female"),
    ("9", "Indeterminate"),
    ("X", "Not known"),
];

const ETHNIC_CATEGORIES: [(&str, &str); 18] = [
    ("A", "White - British"),
    ("B", "White - Irish"),
    ("C", "White - Any other White background"),
    ("D", "Mixed - White and Black Caribbean"),
    ("E", "Mixed - White and Black African"),
    ("F", "Mixed - White and Asian"),
    ("G", "Mixed - Any other mixed background"),
    ("H", "Asian or Asian British - Indian"),
    ("J", "Asian or Asian British - Pakistani"),
    ("K", "Asian or Asian British - Bangladeshi"),
    ("L", "Asian or Asian British - Any other Asian background"),
    ("M", "Black or Black British - Caribbean"),
    ("N", "Black or Black British - African"),
    ("P", "Black or Black British - Any other Black background"),
    ("R", "Other Ethnic Groups - Chinese"),
    ("S", "Other Ethnic Groups - Any other ethnic group"),
    ("Z", "Not stated"),
    ("99", "Not known"),
];

const ETHNIC_GROUPS: [(&str, &str); 6] = [
    ("A-C", "White"),
    ("D-G", "Mixed"),
    ("H-L", "Asian or Asian British"),
    ("M-P", "Black or Black British"),
    ("R-S", "Other Ethnic Groups"),
    ("Z/99", "Not stated, or not known"),
];
