//! The data dictionary as pages, and the columns of this version as a list.

use super::table::{NEVER_NULL, Table};
use super::{ALL, TABLES_VERSION};

/// Where the sources that columns name are found.
const SOURCES: &str = "\
Where a column is defined: `R1` to `R21`, `Q1` to `Q33`, `V01` to `V31` and `rules 2.3` in \
[the rules](../domain/cwt-rules.md), `statistics 3` in [the definitions](../domain/statistics.md), `events` in \
[the fields](../domain/events.md), `design 5` in [the design](../design.md). Null means that something is not \
known or not there, as the last column says; `never`: it always has a value.";

/// The page that lists every table.
#[must_use]
pub fn dictionary_index() -> String {
    let rows: Vec<_> = ALL
        .iter()
        .map(|table| format!("| [{0}]({0}.md) | {1} |\n", table.name, table.rows))
        .collect();
    format!(
        "# The tables\n\nVersion {TABLES_VERSION} of their names, columns and types. {SOURCES}\n\n\
         | table | a row |\n|---|---|\n{}\n\
         Made by `just dictionary` from the definitions that write the files; a test holds the two together.\n",
        rows.concat()
    )
}

/// The page of a table.
#[must_use]
pub fn dictionary_page(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let name = format!("`{}`", column.name);
        let cells = [
            name.as_str(),
            column.kind.name(),
            column.unit(),
            column.meaning,
            column.source,
            column.null.unwrap_or(NEVER_NULL),
        ];
        format!("| {} |\n", cells.join(" | "))
    });
    let columns: Vec<_> = columns.collect();
    format!(
        "# {}\n\n{}. Sorted by {}.\n\n\
         | column | type | unit | meaning | defined by | null |\n|---|---|---|---|---|---|\n{}\n\
         [All tables](README.md)\n",
        table.name,
        table.rows,
        table.sorted_by.join(", "),
        columns.concat()
    )
}

/// `table,column,type` of every column, in order: what a version promises.
#[must_use]
pub fn columns_csv() -> String {
    let lines = ALL.iter().flat_map(|table| {
        let columns = table.columns.iter();
        columns.map(|column| {
            let kind = column.kind.name();
            let quote = if kind.contains(',') { "\"" } else { "" };
            format!("{},{},{quote}{kind}{quote}\n", table.name, column.name)
        })
    });
    core::iter::once("table,column,type\n".to_owned())
        .chain(lines)
        .collect()
}
