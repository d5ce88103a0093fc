//! The tables as they are compiled in, from the files of `pipeline/src/reference`.

use super::{
    Alliance, Board, ByCode, Organisation, Succession, Tables, Threshold, ThresholdKind,
    ThresholdRow, TumourRange,
};
use crate::assessment::Standard;
use crate::day::{Day, Month};
use crate::reference::IcdRange;
use crate::statistics::categories::{ModalityGroup, SuspectedType, TumourGroup};

const VERSION: &str = "statistics-1";

const ORGANISATIONS: &str = include_str!("../../reference/organisations.csv");
const BOARDS: &str = include_str!("../../reference/icbs.csv");
const ALLIANCES: &str = include_str!("../../reference/alliances.csv");
const SUCCESSIONS: &str = include_str!("../../reference/icb_succession.csv");
const TUMOURS: &str = include_str!("../../reference/tumour_groups.csv");
const MODALITIES: &str = include_str!("../../reference/modalities.csv");
const SUSPECTED_TYPES: &str = include_str!("../../reference/suspected_types.csv");
const THRESHOLDS: &str = include_str!("../../reference/thresholds.csv");

impl Default for Tables {
    fn default() -> Self {
        Self {
            version: VERSION.to_owned(),
            organisations: by_code(ORGANISATIONS, organisation),
            boards: by_code(BOARDS, board),
            alliances: by_code(ALLIANCES, |row| {
                Some(Alliance {
                    name: row.first()?.as_str().into(),
                })
            }),
            successions: rows(SUCCESSIONS)
                .filter_map(|row| succession(&row))
                .collect(),
            tumours: rows(TUMOURS).flat_map(|row| tumours(&row)).collect(),
            modalities: by_code(MODALITIES, |row| ModalityGroup::from_name(row.get(1)?)),
            suspected_types: by_code(SUSPECTED_TYPES, |row| {
                SuspectedType::from_name(row.first()?)
            }),
            screened_types: vec![
                SuspectedType::Breast,
                SuspectedType::Gynaecological,
                SuspectedType::LowerGastrointestinal,
                SuspectedType::Lung,
            ],
            thresholds: rows(THRESHOLDS).filter_map(|row| threshold(&row)).collect(),
            adjusts_first_seen: true,
            adult_from: 16,
        }
    }
}

/// The rows of a file below its heading, each as its cells.
fn rows(file: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    file.lines().skip(1).map(cells)
}

/// The cells of a line; commas inside double quotes belong to the cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells
}

/// A table by its first column; `read` sees the others. A row it cannot read is left out.
fn by_code<T>(file: &str, read: impl Fn(&[String]) -> Option<T>) -> ByCode<T> {
    rows(file)
        .filter_map(|row| {
            let (code, others) = row.split_first()?;
            Some((code.as_str().into(), read(others)?))
        })
        .collect()
}

fn organisation(row: &[String]) -> Option<Organisation> {
    let [name, icb, alliance, ..] = row else {
        return None;
    };
    Some(Organisation {
        name: name.as_str().into(),
        icb: filled(icb),
        alliance: filled(alliance),
    })
}

fn board(row: &[String]) -> Option<Board> {
    let [name, _kind, alliance, region, ..] = row else {
        return None;
    };
    Some(Board {
        name: name.as_str().into(),
        alliance: filled(alliance),
        region: filled(region),
    })
}

fn filled(cell: &str) -> Option<Box<str>> {
    (!cell.is_empty()).then(|| cell.into())
}

fn succession(row: &[String]) -> Option<Succession> {
    let [icb, successor, from, ..] = row else {
        return None;
    };
    let (month, day) = from.rsplit_once('-')?;
    let month = month_of(month)?;
    Some(Succession {
        icb: icb.as_str().into(),
        successor: successor.as_str().into(),
        from: Day::from_ymd(month.year, month.month, day.parse().ok()?)?,
    })
}

fn tumours(row: &[String]) -> Vec<TumourRange> {
    let [group, ranges, ..] = row else {
        return Vec::new();
    };
    let Some(group) = TumourGroup::from_name(group) else {
        return Vec::new();
    };
    ranges
        .split_whitespace()
        .filter_map(IcdRange::parse)
        .map(|range| TumourRange { range, group })
        .collect()
}

fn threshold(row: &[String]) -> Option<ThresholdRow> {
    let [standard, kind, from, to, value, source, grade] = row else {
        return None;
    };
    let kinds = [ThresholdKind::Standard, ThresholdKind::Plan];
    Some(ThresholdRow {
        standard: Standard::from_name(standard)?,
        kind: kinds.into_iter().find(|of| of.name() == kind)?,
        from: month_of(from)?,
        to: month_of(to),
        value: rate(value)?,
        source: source.as_str().into(),
        grade: grade.as_str().into(),
    })
}

fn month_of(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    Some(Month {
        year: year.parse().ok()?,
        month: month.parse().ok()?,
    })
}

/// A rate of at most four decimals, exactly: `0.75` is 7,500 of 10,000.
fn rate(text: &str) -> Option<Threshold> {
    let (whole, decimals) = text.split_once('.')?;
    let digits = format!("{whole}{decimals:0<4}");
    (decimals.len() <= 4).then(|| digits.parse().ok().map(Threshold))?
}

#[cfg(test)]
mod tests {
    use super::{
        ALLIANCES, BOARDS, MODALITIES, ORGANISATIONS, SUSPECTED_TYPES, THRESHOLDS, TUMOURS, cells,
        rate, rows, succession,
    };
    use crate::day::Day;
    use crate::statistics::{SuspectedType, Tables, Threshold, TumourGroup};

    #[test]
    fn every_row_of_every_file_is_read() {
        let tables = Tables::default();
        let counted = [
            (tables.organisations.len(), ORGANISATIONS, 185),
            (tables.boards.len(), BOARDS, 50),
            (tables.alliances.len(), ALLIANCES, 20),
            // 98 is no treatment.
            (tables.modalities.len() + 1, MODALITIES, 25),
            (tables.suspected_types.len(), SUSPECTED_TYPES, 17),
            (tables.thresholds.len(), THRESHOLDS, 13),
        ];
        for (read, file, expected) in counted {
            let heading = file.lines().next();
            assert_eq!(read, rows(file).count(), "{heading:?}");
            assert_eq!(read, expected, "{heading:?}");
        }
        let ranges = rows(TUMOURS).map(|row| row.get(1).map_or(0, |r| r.split(' ').count()));
        assert_eq!(tables.tumours.len(), ranges.sum::<usize>());
    }

    #[test]
    fn every_category_is_reached_and_every_code_leads_somewhere() {
        let tables = Tables::default();
        for group in TumourGroup::ALL {
            assert!(
                tables.tumours.iter().any(|row| row.group == *group),
                "{group:?}"
            );
        }
        for suspected in SuspectedType::ALL {
            let reached = tables.suspected_types.values().any(|of| of == suspected);
            assert_eq!(
                reached,
                *suspected != SuspectedType::MissingOrInvalid,
                "{suspected:?}"
            );
        }
        let mapped = tables.organisations.values().filter(|of| of.icb.is_some());
        assert_eq!(mapped.count(), 185 - 48);
        for organisation in tables.organisations.values() {
            assert!(
                organisation
                    .icb
                    .as_ref()
                    .is_none_or(|icb| tables.boards.contains_key(icb))
            );
        }
        let alliances = tables.organisations.values().map(|of| of.alliance.as_ref());
        let alliances = alliances.chain(tables.boards.values().map(|of| of.alliance.as_ref()));
        for alliance in alliances.flatten() {
            assert!(tables.alliances.contains_key(alliance), "{alliance}");
        }
    }

    #[test]
    fn cells_dates_and_rates_are_read_exactly() {
        assert_eq!(cells("a,\"b, c\",,d"), ["a", "b, c", "", "d"]);
        let row = ["QH8", "QX1", "2026-04-01", "", "K"].map(str::to_owned);
        assert_eq!(
            succession(&row).map(|merger| merger.from),
            Day::from_ymd(2026, 4, 1)
        );
        for (text, value) in [
            ("0.75", Some(7_500)),
            ("0.8525", Some(8_525)),
            ("1.0", Some(10_000)),
            ("0.12345", None),
            ("x", None),
        ] {
            assert_eq!(rate(text), value.map(Threshold), "{text}");
        }
    }
}
