//! The published columns and their dictionary are what the definitions say.

use crate::repository::{root, text};
use clockstop_schemas::tables::{
    ALL, Kind, TABLES_VERSION, columns_csv, dictionary_index, dictionary_page,
};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_committed_pages_are_those_of_the_definitions() {
    let again = "is not what the definitions say: run `just dictionary` and commit the pages";
    assert!(
        text("docs/tables/README.md") == dictionary_index(),
        "docs/tables/README.md {again}"
    );
    for table in ALL {
        let path = format!("docs/tables/{}.md", table.name);
        assert!(text(&path) == dictionary_page(table), "{path} {again}");
    }
    let files = fs::read_dir(root().join("docs/tables")).unwrap().count();
    assert_eq!(files, ALL.len() + 1, "a page of a table that is no more");
}

#[test]
fn a_name_or_type_changes_with_the_version_only() {
    let version: u32 = TABLES_VERSION.parse().unwrap();
    for version in 1..=version {
        let listing = text(&format!("tests/data/tables/{version}.csv"));
        assert!(listing.starts_with("table,column,type\n"), "{version}");
    }
    assert!(
        text(&format!("tests/data/tables/{TABLES_VERSION}.csv")) == columns_csv(),
        "the columns are not those of version {TABLES_VERSION}: raise TABLES_VERSION in schemas/src/tables/mod.rs and \
         commit `clockstop dictionary --columns` as tests/data/tables/<version>.csv"
    );
}

#[test]
fn every_table_is_sorted_by_its_own_columns_and_names_each_once() {
    let names: BTreeSet<_> = ALL.iter().map(|table| table.name).collect();
    assert_eq!(names.len(), ALL.len());
    for table in ALL {
        let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
        for sorted in table.sorted_by {
            assert!(columns.contains(sorted), "{} {sorted}", table.name);
        }
    }
}

#[test]
fn every_column_says_what_it_counts_and_where_that_is_defined() {
    let documents = [
        "docs/domain/cwt-rules.md",
        "docs/domain/statistics.md",
        "docs/design.md",
    ];
    let [rules, statistics, design] = documents.map(text);
    for table in ALL {
        for column in table.columns {
            let at = format!("{}.{}", table.name, column.name);
            let counts = matches!(column.kind, Kind::Whole | Kind::Number);
            assert!(!counts || !column.unit().is_empty(), "{at} has no unit");
            assert!(!column.meaning.is_empty(), "{at}");
            let cells = [
                column.unit(),
                column.meaning,
                column.source,
                column.null.unwrap_or("-"),
            ];
            assert!(
                cells.iter().all(|cell| !cell.contains('|')),
                "{at} breaks its page"
            );
            let mut document = "";
            for source in column.source.split(", ") {
                let (named, place) = source.rsplit_once(' ').unwrap_or((document, source));
                document = named;
                let heading = |marks: &str| format!("\n{marks} {place}");
                let begins = |text: &str, marks: &str| {
                    let start = heading(marks);
                    [". ", " "]
                        .iter()
                        .any(|end| text.contains(&(start.clone() + end)))
                };
                let found = match named {
                    "rules" => ["##", "###"].iter().any(|marks| begins(&rules, marks)),
                    "statistics" => begins(&statistics, "##"),
                    "design" => begins(&design, "##"),
                    "" if place == "events" => true,
                    "" => is_rule(place, &rules),
                    _ => false,
                };
                assert!(found, "{at}: no {source}");
            }
        }
    }
}

/// `R8`, `Q33` or `V22`, where the rules know it.
fn is_rule(place: &str, rules: &str) -> bool {
    let heading = format!("\n### {place}.");
    place.starts_with(['R', 'Q', 'V'])
        && (rules.contains(&heading) || rules.contains(&format!("| {place} |")))
}
