//! Reference tables as files: written, changed, refused, and what they change in the published tables.

use super::support::process::{Finished, Invocation, clockstop};
use super::{file_of, referral};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;

fn write_tables(folder: &Path) -> Finished {
    clockstop(["reference", "--out"]).argument(folder).run()
}

/// `check-config` of settings that name the folder.
fn check(folder: &Path) -> Finished {
    let key = file_of(&["thirty-two bytes make up one key"]);
    let key = key.path().display();
    let settings = [
        "kafka.bootstrap=b:9092".to_owned(),
        "registry.url=http://r:8081".to_owned(),
        format!("keys.alert={key}"),
        format!("keys.pseudonym={key}"),
        format!("reference.tables={}", folder.display()),
    ];
    let words = ["check-config".to_owned(), "--offline".to_owned()];
    let settings = settings.into_iter().flat_map(|of| ["--set".to_owned(), of]);
    clockstop(words.into_iter().chain(settings)).run()
}

/// A patient of QH8, seen and told in January.
fn events() -> [String; 3] {
    let received = referral("1", "2026-01-05");
    let more = |name: &str, topic: &str, fields: &str| {
        let event = received.replace("referral_received", name);
        let event = event.replacen(r#""topic":"referral""#, &format!(r#""topic":"{topic}""#), 1);
        let (head, _) = event
            .split_once(r#","cancer_referral_to_treatment_period"#)
            .unwrap();
        format!("{head},{fields}}}")
    };
    let seen = r#""date_first_seen":"2026-01-07","organisation_site_identifier_of_provider_first_seen":"RXX01""#;
    let told = r#""cancer_faster_diagnosis_pathway_end_date":"2026-01-12","cancer_faster_diagnosis_pathway_end_reason":"02","organisation_site_identifier_faster_diagnosis_pathway_end":"RXX01""#;
    [
        received.replace(
            r#","priority_type_code""#,
            r#","icb":"QH8","priority_type_code""#,
        ),
        more("first_seen", "referral", seen),
        more("outcome_communicated", "diagnosis", told),
    ]
}

fn publish(to: &Path, more: &[&Path]) -> Finished {
    let events = events();
    let file = file_of(&events.each_ref().map(String::as_str));
    let words = ["publish", "--as-of", "2026-02-03", "--to"];
    let publish = clockstop(words).argument(to).argument(file.path());
    more.iter().fold(publish, Invocation::argument).run()
}

/// The distinct values of a column, and the version in the footer.
fn values(root: &Path, table: &str, column: &str) -> (Vec<String>, String) {
    let file = root.join(format!("current/{table}/part-0000.parquet"));
    let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
    let notes = reader.metadata().file_metadata().key_value_metadata();
    let version = notes
        .unwrap()
        .iter()
        .find(|note| note.key == "clockstop.statistics_version");
    let version = version.unwrap().value.clone().unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    let cells = rows.map(|row| {
        let row = row.unwrap();
        let (_, cell) = row
            .get_column_iter()
            .find(|(name, _)| *name == column)
            .unwrap();
        if let Field::Str(text) = cell {
            text.clone()
        } else {
            cell.to_string()
        }
    });
    let mut cells: Vec<_> = cells.collect();
    cells.sort_unstable();
    cells.dedup();
    (cells, version)
}

#[test]
fn the_built_in_tables_are_a_beginning_that_needs_a_version_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables");
    write_tables(&tables).expect_code(0);
    let told = write_tables(&tables).expect_code(1).stderr;
    assert!(
        told.contains("cannot write") && told.contains("alliances.csv"),
        "{told}"
    );
    let told = check(&tables).expect_code(1).stdout;
    let named = format!("reference.tables: {}: ", tables.display());
    assert!(
        told.starts_with(&format!("{named}version.txt: expected one line")),
        "{told}"
    );
    fs::write(tables.join("version.txt"), "ours-1\n").unwrap();
    check(&tables).expect_code(0);
    let thresholds = fs::read_to_string(tables.join("thresholds.csv")).unwrap();
    fs::write(
        tables.join("thresholds.csv"),
        thresholds.replace("0.96", "96"),
    )
    .unwrap();
    let told = check(&tables).expect_code(1).stdout;
    let place = "thresholds.csv: line 4, column 5 (value): expected a rate from 0 to 1";
    assert!(told.starts_with(&format!("{named}{place}")), "{told}");
    let flag = Path::new("--reference-tables");
    let told = publish(&folder.path().join("out"), &[flag, &tables]).expect_code(1);
    let named = format!("--reference-tables: {}: {place}", tables.display());
    assert!(told.stderr.contains(&named), "{}", told.stderr);
    assert!(
        !folder.path().join("out").exists(),
        "nothing is made by half a table"
    );
}

#[test]
fn given_tables_change_boards_thresholds_and_names_and_their_version_is_in_every_output() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    publish(&at("before"), &[]).expect_code(0);
    fs::create_dir(at("tables")).unwrap();
    for (name, text) in [
        ("version.txt", "ours-1"),
        (
            "icb_succession.csv",
            "icb,successor,from,source,grade\nQH8,QYG,2026-02-01,us,C\n",
        ),
        (
            "thresholds.csv",
            "standard,kind,from_month,to_month,value,source,grade\nFDS,standard,2023-10,,0.9,us,C\n",
        ),
        (
            "organisations.csv",
            "code,name,icb,alliance,first_month,last_month,evidence,note\nRXX,OUR OWN TRUST,,,,,,\n",
        ),
    ] {
        fs::write(at("tables").join(name), text).unwrap();
    }
    let given = [Path::new("--reference-tables").to_owned(), at("tables")];
    let given = given.each_ref().map(AsRef::as_ref);
    publish(&at("after"), &given).expect_code(0);
    for (root, board, expected, version) in [
        // The quarter and the year have the threshold of their last month; first-seen activity has none.
        (
            "before",
            "QH8",
            &["0.75", "0.8", "null"][..],
            "statistics-1",
        ),
        ("after", "QYG", &["0.9", "null"], "ours-1"),
    ] {
        let root = at(root);
        let one = |value: &str| (vec![value.to_owned()], version.to_owned());
        assert_eq!(values(&root, "waits", "icb"), one("QH8"));
        assert_eq!(values(&root, "waits", "icb_current"), one(board));
        let (thresholds, _) = values(&root, "performance", "standard_threshold");
        assert_eq!(thresholds, expected);
        let manifest = fs::read(root.join("current/_snapshot.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["statistics_version"], version);
    }
    let export = |more: &[&Path]| {
        let words = ["export", "cwt", "--month", "2026-01", "--from"];
        let export = clockstop(words).argument(at("after"));
        let export = more.iter().fold(export, Invocation::argument);
        export.run().expect_code(0).stdout
    };
    assert!(!export(&[]).contains("OUR OWN TRUST"));
    assert!(export(&given).contains("OUR OWN TRUST"));
}
