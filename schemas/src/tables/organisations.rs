//! `organisations`: whose figures they are (statistics 1).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{Basis, ENGLAND, Tables, UNKNOWN_ICB, UNMAPPED_ALLIANCE};

/// One row per basis and organisation; join on both, for names change within a year.
pub static ORGANISATIONS: Table = Table {
    name: "organisations",
    rows: "One row per basis and organisation; join on both, for names change within a year",
    columns: COLUMNS,
    sorted_by: &["organisation", "basis"],
};

const COLUMNS: &[Column] = &[
    column(
        "basis",
        Kind::Text,
        "PROVIDER, COMMISSIONER, ALLIANCE, ENGLAND",
    )
    .by("statistics 1"),
    column(
        "organisation",
        Kind::Text,
        "ODS code of provider or commissioner, ONS code of an alliance, UNKNOWN, UNMAPPED, ENGLAND",
    )
    .by("statistics 1"),
    column(
        "organisation_name",
        Kind::Text,
        "its name in the published workbooks",
    )
    .by("statistics 1")
    .null("UNKNOWN, UNMAPPED and ENGLAND are no organisations"),
    column(
        "icb",
        Kind::Text,
        "a provider's integrated care board, a commissioner itself",
    )
    .by("statistics 1")
    .null("not mapped, a hub, or of another basis"),
    column("alliance", Kind::Text, "ONS code of the cancer alliance")
        .by("statistics 1")
        .null("not mapped, a hub, or ENGLAND"),
    column("alliance_name", Kind::Text, "its name")
        .by("statistics 1")
        .null("as alliance"),
    column(
        "region",
        Kind::Text,
        "NHS England region of provider and commissioner",
    )
    .by("statistics 1")
    .null("not mapped, a hub, or of another basis"),
    column(
        "successor",
        Kind::Text,
        "the board that followed a commissioner",
    )
    .by("statistics 1")
    .null("none followed, or of another basis"),
    column("successor_from", Kind::Day, "the successor's first day")
        .by("statistics 1")
        .null("as successor"),
];

/// Appends all organisations.
pub fn write_organisations(tables: &Tables, out: &mut TableBuilder) {
    for (code, of) in &tables.organisations {
        let places = [of.icb.as_deref(), of.alliance.as_deref()];
        write_one(Basis::Provider, code, places, tables, out);
    }
    for (code, of) in &tables.boards {
        // A hub is a commissioner, and no integrated care board: it has no alliance.
        let alliance = of.alliance.as_deref();
        let places = [alliance.map(|_| &**code), alliance];
        write_one(Basis::Commissioner, code, places, tables, out);
    }
    for code in tables.alliances.keys() {
        write_one(Basis::Alliance, code, [None, Some(code)], tables, out);
    }
    for (basis, code) in [
        (Basis::Commissioner, UNKNOWN_ICB),
        (Basis::Alliance, UNMAPPED_ALLIANCE),
        (Basis::England, ENGLAND),
    ] {
        write_one(basis, code, [None, None], tables, out);
    }
}

fn write_one(
    basis: Basis,
    code: &str,
    [icb, alliance]: [Option<&str>; 2],
    tables: &Tables,
    out: &mut TableBuilder,
) {
    let mut successions = tables.successions.iter();
    let succession = successions.find(|of| basis == Basis::Commissioner && *of.icb == *code);
    out.text(Some(basis.name()));
    out.text(Some(code));
    out.text(tables.name(basis, code));
    out.text(icb);
    out.text(alliance);
    out.text(alliance.and_then(|code| tables.name(Basis::Alliance, code)));
    out.text(tables.region_on(basis, code));
    out.text(succession.map(|of| &of.successor));
    out.day(succession.map(|of| of.from));
}
