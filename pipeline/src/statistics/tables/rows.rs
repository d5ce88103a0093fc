//! What the lines of each file say.

use super::file::TableFile;
use super::lines::{Misfit, Reader, Row, Unfit};
use super::{
    Alliance, Board, ByCode, Organisation, Succession, Tables, ThresholdKind, ThresholdRow,
    TumourRange, cells,
};
use crate::assessment::Standard;
use crate::reference::IcdRange;
use crate::statistics::categories::{ModalityGroup, SuspectedType, TumourGroup};
use crate::statistics::stage::StageAim;
use crate::statistics::working_days::BankHolidays;
use alloc::collections::BTreeMap;

const BUILT_IN: &str = "statistics-1";

const CODE: &str = "a code of letters and digits";
const TEXT: &str = "a text";
const DAY: &str = "a date such as 2026-04-01";
const MONTH: &str = "a month such as 2026-04";
const MONTH_OR_NOTHING: &str = "a month such as 2026-04, or nothing";
const RATE: &str = "a rate from 0 to 1 of at most four decimals, such as 0.75";
const BOARD: &str = "the code of a board in icbs.csv";
const BOARD_OR_NOTHING: &str = "the code of a board in icbs.csv, or nothing";
const ALLIANCE_OR_NOTHING: &str = "the code of an alliance in alliances.csv, or nothing";

/// What files came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TablesRead {
    /// The tables.
    Whole(Box<Tables>),
    /// None, because of this; the first where there are several.
    Misfit(Misfit),
}

impl Default for Tables {
    /// The tables that are compiled in.
    fn default() -> Self {
        read(BUILT_IN, &mut Reader::new(&BTreeMap::new()))
    }
}

impl Tables {
    /// The tables of these files under this version; a file that is not given is the one compiled in.
    #[must_use]
    pub fn of_files(version: &str, given: &BTreeMap<TableFile, &str>) -> TablesRead {
        let mut reader = Reader::new(given);
        let tables = read(version, &mut reader);
        match reader.misfit() {
            None => TablesRead::Whole(Box::new(tables)),
            Some(misfit) => TablesRead::Misfit(misfit),
        }
    }
}

fn read(version: &str, reader: &mut Reader<'_>) -> Tables {
    let alliances = by_code(reader, TableFile::Alliances, |row| {
        let name = row.cell("name", TEXT, cells::text)?;
        Ok(Some(Alliance { name }))
    });
    let boards = by_code(reader, TableFile::Boards, |row| board(row, &alliances));
    let organisations = by_code(reader, TableFile::Organisations, |row| {
        organisation(row, &boards, &alliances)
    });
    let successions = reader.rows(TableFile::Successions, |row| succession(row, &boards));
    let tumours = reader.rows(TableFile::TumourGroups, tumours);
    let holidays = reader.rows(TableFile::BankHolidays, |row| {
        row.cell("date", DAY, cells::day)
    });
    Tables {
        version: version.to_owned(),
        organisations,
        boards,
        alliances,
        successions,
        tumours: tumours.concat(),
        modalities: by_code(reader, TableFile::Modalities, |row| {
            let expected = "the name of a published group, or nothing where it is no treatment";
            row.optional("group", expected, ModalityGroup::from_name)
        }),
        suspected_types: by_code(reader, TableFile::SuspectedTypes, |row| {
            let expected = "the name of a published type";
            row.cell("name", expected, SuspectedType::from_name)
                .map(Some)
        }),
        screened_types: vec![
            SuspectedType::Breast,
            SuspectedType::Gynaecological,
            SuspectedType::LowerGastrointestinal,
            SuspectedType::Lung,
        ],
        thresholds: reader.rows(TableFile::Thresholds, threshold),
        stage_aims: reader.rows(TableFile::StageAims, stage_aim),
        holidays: BankHolidays::new(holidays),
        adjusts_first_seen: true,
        adult_from: 16,
    }
}

/// A table by its codes; a code of which `read` makes nothing is not in it.
fn by_code<T>(
    reader: &mut Reader<'_>,
    file: TableFile,
    read: impl Fn(&Row<'_>) -> Result<Option<T>, Unfit>,
) -> ByCode<T> {
    let rows = reader.rows(file, |row| {
        let code = row.cell("code", CODE, cells::code)?;
        Ok(read(row)?.map(|item| (code, item)))
    });
    rows.into_iter().flatten().collect()
}

/// A code that the table has.
fn listed<T>(table: &ByCode<T>) -> impl Fn(&str) -> Option<Box<str>> {
    |code| table.contains_key(code).then(|| code.into())
}

fn board(row: &Row<'_>, alliances: &ByCode<Alliance>) -> Result<Option<Board>, Unfit> {
    row.cell("kind", "ICB or HUB", |kind| {
        ["ICB", "HUB"].contains(&kind).then_some(())
    })?;
    Ok(Some(Board {
        name: row.cell("name", TEXT, cells::text)?,
        alliance: row.optional("alliance", ALLIANCE_OR_NOTHING, listed(alliances))?,
        region: row.optional("region", TEXT, cells::text)?,
    }))
}

fn organisation(
    row: &Row<'_>,
    boards: &ByCode<Board>,
    alliances: &ByCode<Alliance>,
) -> Result<Option<Organisation>, Unfit> {
    for column in ["first_month", "last_month"] {
        row.optional(column, MONTH_OR_NOTHING, cells::month)?;
    }
    Ok(Some(Organisation {
        name: row.cell("name", TEXT, cells::text)?,
        icb: row.optional("icb", BOARD_OR_NOTHING, listed(boards))?,
        alliance: row.optional("alliance", ALLIANCE_OR_NOTHING, listed(alliances))?,
    }))
}

fn succession(row: &Row<'_>, boards: &ByCode<Board>) -> Result<Succession, Unfit> {
    sourced(row)?;
    Ok(Succession {
        icb: row.cell("icb", BOARD, listed(boards))?,
        successor: row.cell("successor", BOARD, listed(boards))?,
        from: row.cell("from", DAY, cells::day)?,
    })
}

/// Where it is said, and how sure that is.
fn sourced(row: &Row<'_>) -> Result<(Box<str>, Box<str>), Unfit> {
    let source = row.cell("source", "where it is said", cells::text)?;
    let grade = row.cell("grade", "how sure it is, as A to D or K", cells::text)?;
    Ok((source, grade))
}

fn tumours(row: &Row<'_>) -> Result<Vec<TumourRange>, Unfit> {
    let group = row.cell("group", "the name of a published group", |name| {
        TumourGroup::from_name(name)
    })?;
    let expected = "ICD-10 categories such as D05, or ranges of one letter such as C00-C97, separated by spaces";
    row.cell("icd10", expected, |ranges| {
        let ranges = ranges.split_whitespace();
        let ranges =
            ranges.map(|range| IcdRange::parse(range).map(|range| TumourRange { range, group }));
        let ranges: Option<Vec<_>> = ranges.collect();
        ranges.filter(|ranges| !ranges.is_empty())
    })
}

fn threshold(row: &Row<'_>) -> Result<ThresholdRow, Unfit> {
    let kinds = [ThresholdKind::Standard, ThresholdKind::Plan];
    let from = row.cell("from_month", MONTH, cells::month)?;
    let expected = "a month such as 2026-04 that is not before from_month, or nothing";
    let to = row.optional("to_month", expected, |to| {
        cells::month(to).filter(|to| from <= *to)
    })?;
    let (source, grade) = sourced(row)?;
    Ok(ThresholdRow {
        standard: row.cell("standard", "FDS, 31D or 62D", Standard::from_name)?,
        kind: row.cell("kind", "standard or plan", |name| {
            kinds.into_iter().find(|kind| kind.name() == name)
        })?,
        from,
        to,
        value: row.cell("value", RATE, cells::rate)?,
        source,
        grade,
    })
}

fn stage_aim(row: &Row<'_>) -> Result<StageAim, Unfit> {
    sourced(row)?;
    Ok(StageAim {
        name: row.cell("name", TEXT, cells::text)?.into(),
        share: row.cell("share", RATE, cells::rate)?.0,
        by: row.optional("by_month", MONTH_OR_NOTHING, cells::month)?,
    })
}
