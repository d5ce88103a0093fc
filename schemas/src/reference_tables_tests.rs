//! What a folder of reference tables can hold, and what is told of one that does not fit.

use super::reference_tables::{
    BUILT_IN, TablesError, VERSION_FILE, built_in_reference_tables, read_reference_tables,
};
use clockstop_pipeline::statistics::Tables;
use std::collections::BTreeMap;

fn read(files: &[(&str, &str)]) -> Result<Tables, String> {
    let files = [(VERSION_FILE, "local-1\n")].iter().chain(files);
    let files = files.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    read_reference_tables(&files.collect()).map_err(|error| error.to_string())
}

/// The built-in file with a piece of it replaced, and another at its end.
fn changed(name: &str, [from, to]: [&str; 2], last: &str) -> String {
    let built_in = built_in_reference_tables().remove(name).expect("a file");
    assert!(built_in.contains(from), "{name} has no {from}");
    built_in.replacen(from, to, 1) + last
}

#[test]
fn the_built_in_files_are_the_built_in_tables_once_they_have_a_version_of_their_own() {
    let mut files: BTreeMap<String, Vec<u8>> = built_in_reference_tables()
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .collect();
    let told = read_reference_tables(&files).expect_err("not its own");
    assert!(
        told.to_string()
            .starts_with("version.txt: expected one line"),
        "{told}"
    );
    files.insert(VERSION_FILE.to_owned(), b"local-1".to_vec());
    let tables = read_reference_tables(&files).expect("tables");
    let built_in = Tables::default();
    assert!(built_in.version.starts_with(BUILT_IN));
    assert_eq!(tables.version, "local-1");
    let version = built_in.version.clone();
    assert_eq!(Tables { version, ..tables }, built_in);
}

#[test]
fn a_file_replaces_its_table_whole_and_the_others_stay() {
    let text = "\u{feff}group,icd10,evidence\r\n# ours\r\n\r\nSkin,C43,\"ours, \"\"new\"\"\"\r\n";
    let tables = read(&[("tumour_groups.csv", text)]).expect("tables");
    assert_eq!(tables.tumours.len(), 1);
    let built_in = Tables::default();
    let expected = Tables {
        version: "local-1".to_owned(),
        tumours: tables.tumours.clone(),
        ..built_in
    };
    assert_eq!(tables, expected);
}

#[test]
fn a_version_is_one_name_that_is_not_built_in() {
    let long = "x".repeat(65);
    for version in [
        "",
        "\n",
        "a\nb",
        "a b",
        "statistics-1",
        "statistics-2\n",
        &long,
        "é",
    ] {
        let told = read(&[(VERSION_FILE, version)]).expect_err(version);
        assert!(told.starts_with("version.txt: expected one line"), "{told}");
    }
    assert_eq!(
        read(&[]).map(|tables| tables.version),
        Ok("local-1".to_owned())
    );
    let without = read_reference_tables(&BTreeMap::new());
    assert_eq!(without, Err(TablesError::Version));
}

#[test]
fn a_file_that_is_none_of_them_or_no_text_is_told() {
    let told = read(&[("organisation.csv", "")]).expect_err("unknown");
    assert!(told.starts_with("organisation.csv: is none of the files; expected version.txt and any of alliances.csv, "), "{told}");
    let latin = BTreeMap::from([("alliances.csv".to_owned(), b"code\nE1,Caf\xe9\n".to_vec())]);
    let told = read_reference_tables(&latin)
        .expect_err("no text")
        .to_string();
    assert_eq!(
        told,
        "alliances.csv: line 2 is not UTF-8; save the file as CSV in UTF-8"
    );
}

/// File, what stands below the headings (`/` ends a line), the place that is told, and what is expected there.
const LINES: &str = r#"
alliances.csv | E1,A, / ,B, | line 3, column 1 (code) | a code of letters and digits
alliances.csv | E 1,A, | line 2, column 1 (code) | a code of letters and digits
alliances.csv | E1,, | line 2, column 2 (name) | a text
alliances.csv | E1,A, / E1,B, | line 3, column 1 (code) | what no line above has already
alliances.csv | E1,A | line 2, column 3 (evidence) | a cell for each heading; one that has commas stands between double quotes
alliances.csv | E1,A,, | line 2, column 4 | a cell for each heading; one that has commas stands between double quotes
alliances.csv | E1,"A, | line 2, column 2 (name) | a second double quote on the line
alliances.csv |  | line 2, column 1 (code) | a line of the table below the headings
icbs.csv | Q1,A,X,,, | line 2, column 3 (kind) | ICB or HUB
icbs.csv | Q1,A,ICB,E1,, | line 2, column 4 (alliance) | the code of an alliance in alliances.csv, or nothing
icbs.csv | Q1,,ICB,,, | line 2, column 2 (name) | a text
icbs.csv | Q1,A,ICB,, , | line 2, column 5 (region) | a text
icbs.csv | Q1,A,ICB,,, / Q1,A,ICB,,, | line 3, column 1 (code) | what no line above has already
organisations.csv | R1,A,Q1,,,,, | line 2, column 3 (icb) | the code of a board in icbs.csv, or nothing
organisations.csv | R1,A,,E1,,,, | line 2, column 4 (alliance) | the code of an alliance in alliances.csv, or nothing
organisations.csv | R1,,,,,,, | line 2, column 2 (name) | a text
organisations.csv | R1,A,,,2025,,, | line 2, column 5 (first_month) | a month such as 2026-04, or nothing
organisations.csv | R1,A,,,,2025-13,, | line 2, column 6 (last_month) | a month such as 2026-04, or nothing
organisations.csv | R1,A,,,,,, / R1,B,,,,,, | line 3, column 1 (code) | what no line above has already
icb_succession.csv | Q1,QH8,2026-04-01,s,K | line 2, column 1 (icb) | the code of a board in icbs.csv
icb_succession.csv | QH8,Q1,2026-04-01,s,K | line 2, column 2 (successor) | the code of a board in icbs.csv
icb_succession.csv | QH8,QYG,2026-04-31,s,K | line 2, column 3 (from) | a date such as 2026-04-01
icb_succession.csv | QH8,QYG,2026-04-01,,K | line 2, column 4 (source) | where it is said
icb_succession.csv | QH8,QYG,2026-04-01,s, | line 2, column 5 (grade) | how sure it is, as A to D or K
icb_succession.csv | QH8,QYG,2026-04-01,s,K / QH8,QNQ,2026-04-01,s,K | line 3, column 3 (from) | what no line above has already
tumour_groups.csv | Bone,C40, | line 2, column 1 (group) | the name of a published group
tumour_groups.csv | Skin,C4, | line 2, column 2 (icd10) | ICD-10 categories such as D05, or ranges of one letter such as C00-C97, separated by spaces
tumour_groups.csv | Skin,, | line 2, column 2 (icd10) | ICD-10 categories such as D05, or ranges of one letter such as C00-C97, separated by spaces
tumour_groups.csv | Skin,C43, / Skin,C44, | line 3, column 1 (group) | what no line above has already
modalities.csv | 01,Surgery,Knives, | line 2, column 3 (group) | the name of a published group, or nothing where it is no treatment
suspected_types.csv | 01,breast | line 2, column 2 (name) | the name of a published type
thresholds.csv | 28D,standard,2026-04,,0.8,s,K | line 2, column 1 (standard) | FDS, 31D or 62D
thresholds.csv | FDS,aim,2026-04,,0.8,s,K | line 2, column 2 (kind) | standard or plan
thresholds.csv | FDS,plan,2026-4,,0.8,s,K | line 2, column 3 (from_month) | a month such as 2026-04
thresholds.csv | FDS,plan,2026-04,2026-03,0.8,s,K | line 2, column 4 (to_month) | a month such as 2026-04 that is not before from_month, or nothing
thresholds.csv | FDS,plan,2026-04,2026,0.8,s,K | line 2, column 4 (to_month) | a month such as 2026-04 that is not before from_month, or nothing
thresholds.csv | FDS,plan,2026-04,,80,s,K | line 2, column 5 (value) | a rate from 0 to 1 of at most four decimals, such as 0.75
thresholds.csv | FDS,plan,2026-04,,1.0001,s,K | line 2, column 5 (value) | a rate from 0 to 1 of at most four decimals, such as 0.75
thresholds.csv | FDS,plan,2026-04,,0.8,,K | line 2, column 6 (source) | where it is said
thresholds.csv | FDS,plan,2026-04,,0.8,s,K / FDS,plan,2026-04,,0.7,s,K | line 3, column 3 (from_month) | what no line above has already
stage_aims.csv | ours,62,,s,K | line 2, column 2 (share) | a rate from 0 to 1 of at most four decimals, such as 0.75
stage_aims.csv | ours,0.62,2028,s,K | line 2, column 3 (by_month) | a month such as 2026-04, or nothing
bank_holidays.csv | 2028-12-32,Christmas | line 2, column 1 (date) | a date such as 2026-04-01
bank_holidays.csv | 2028-12-25,a / 2028-12-25,b | line 3, column 1 (date) | what no line above has already
"#;

#[test]
fn a_line_that_does_not_fit_is_told_by_its_place() {
    for case in LINES.trim().lines() {
        let [name, lines, place, expected] = case.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{case}");
        };
        let built_in = built_in_reference_tables().remove(name).expect("a file");
        let mut headings = built_in.lines().filter(|line| !line.starts_with('#'));
        let heading = headings.next().expect("headings");
        let text = format!("{heading}\n{}\n", lines.replace(" / ", "\n"));
        let told = read(&[(name, &text)]);
        let expected = format!("{name}: {place}: expected {expected}");
        assert_eq!(told, Err(expected), "{case}");
    }
}

#[test]
fn headings_are_those_of_the_built_in_file() {
    for (from, to, place) in [
        (
            "name,icb",
            "name",
            "line 1, column 3 (icb): expected this heading",
        ),
        (
            "name,icb",
            "name,ICB",
            "line 1, column 3 (icb): expected this heading",
        ),
        (
            "evidence,note",
            "evidence",
            "line 1, column 8 (note): expected this heading",
        ),
        (
            "evidence,note",
            "evidence,note,x",
            "line 1, column 9: expected no further heading",
        ),
    ] {
        let text = changed("organisations.csv", [from, to], "");
        let told = read(&[("organisations.csv", &text)]);
        assert_eq!(told, Err(format!("organisations.csv: {place}")));
    }
    let told = read(&[("alliances.csv", "")]).expect_err("nothing");
    assert_eq!(
        told,
        "alliances.csv: line 1, column 1 (code): expected this heading"
    );
}

#[test]
fn a_built_in_file_that_does_not_go_with_those_given_is_told_as_such() {
    let text = changed("icbs.csv", ["QYG,", "QYZ,"], "");
    let told = read(&[("icbs.csv", &text)]).expect_err("providers of QYG");
    assert!(told.starts_with("organisations.csv: line "), "{told}");
    let rest = "column 3 (icb): expected the code of a board in icbs.csv, or nothing; this is the built-in file, put one of your own beside the others";
    assert!(told.ends_with(rest), "{told}");
    let providers = changed("organisations.csv", ["QYG", "QYZ"], "");
    let providers = providers.replace(",QYG,", ",QYZ,");
    let both = [
        ("icbs.csv", text.as_str()),
        ("organisations.csv", &providers),
    ];
    assert!(read(&both).is_ok_and(|tables| tables.boards.contains_key("QYZ")));
}
