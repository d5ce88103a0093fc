//! The dimensions as their tables show them.

use super::{day, rows, table};
use clockstop_pipeline::statistics::{Succession, Tables};
use clockstop_schemas::tables::{ORGANISATIONS, THRESHOLDS, write_organisations, write_thresholds};

#[test]
fn every_organisation_of_a_figure_can_be_joined() {
    let mut tables = Tables::default();
    tables.successions.push(Succession {
        icb: "QYG".into(),
        successor: "QXX".into(),
        from: day(2026, 4, 1),
    });
    let batch = table(&ORGANISATIONS, |out| write_organisations(&tables, out));
    let listed = tables.organisations.len() + tables.boards.len() + tables.alliances.len();
    assert_eq!(batch.num_rows(), listed + 3);
    let rows = rows(&batch);
    let row = |start: &str| {
        let found = rows.iter().find(|row| row.starts_with(start));
        found.expect("listed").as_str()
    };
    for expected in [
        "PROVIDER|S3H9L|THE HAMPTONS HOSPITAL LTD|-|-|-|-|-|-",
        "COMMISSIONER|14R|EAST OF ENGLAND - H&J COMMISSIONING HUB|-|-|-|-|-|-",
        "COMMISSIONER|UNKNOWN|-|-|-|-|-|-|-",
        "ALLIANCE|UNMAPPED|-|-|-|-|-|-|-",
        "ENGLAND|ENGLAND|-|-|-|-|-|-|-",
    ] {
        let start: Vec<_> = expected.split('|').take(2).collect();
        assert_eq!(row(&start.join("|")), expected);
    }
    let mapped = row("COMMISSIONER|QYG|");
    assert!(mapped.contains("|QYG|E56000005|"), "{mapped}");
    assert!(mapped.ends_with("|QXX|2026-04-01"), "{mapped}");
}

#[test]
fn thresholds_are_rates_with_their_months() {
    let tables = Tables::default();
    let batch = table(&THRESHOLDS, |out| write_thresholds(&tables, out));
    assert_eq!(batch.num_rows(), tables.thresholds.len());
    let plain: Vec<_> = rows(&batch)
        .iter()
        .map(|row| row.split('|').take(5).collect::<Vec<_>>().join("|"))
        .filter(|row| row.starts_with("31D|standard|"))
        .collect();
    assert_eq!(plain, ["31D|standard|2023-10|-|0.96"]);
}
