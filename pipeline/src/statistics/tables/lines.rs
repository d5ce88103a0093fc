//! The lines and cells of the files, and where one is not as it must be.

use super::cells;
use super::file::TableFile;
use alloc::collections::{BTreeMap, BTreeSet};

/// Where a file is not as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The file.
    pub file: TableFile,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What should be there.
    pub expected: &'static str,
}

impl Misfit {
    /// The heading of the column; `None` beyond the last.
    #[must_use]
    pub fn heading(&self) -> Option<&'static str> {
        let headings = self.file.headings();
        headings.get(self.column.checked_sub(1)?).copied()
    }
}

/// What a line lacks, by the column's place in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    at: usize,
    expected: &'static str,
}

/// Lines that say nothing: empty ones and remarks.
pub(super) fn is_passed_over(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// Reads the files that are given, and the compiled-in ones in the place of the others.
pub(super) struct Reader<'g> {
    given: &'g BTreeMap<TableFile, &'g str>,
    misfit: Option<Misfit>,
}

impl<'g> Reader<'g> {
    pub(super) const fn new(given: &'g BTreeMap<TableFile, &'g str>) -> Self {
        Self {
            given,
            misfit: None,
        }
    }

    /// The first misfit of all files read.
    pub(super) const fn misfit(&self) -> Option<Misfit> {
        self.misfit
    }

    /// What `read` makes of the lines below the heading; a line that does not fit is left out and noted.
    pub(super) fn rows<T>(
        &mut self,
        file: TableFile,
        read: impl Fn(&Row<'_>) -> Result<T, Unfit>,
    ) -> Vec<T> {
        let text = self.given.get(&file).copied();
        let text = text.unwrap_or_else(|| file.built_in());
        let lines = (1..).zip(text.lines());
        let mut lines = lines.filter(|(_, line)| !is_passed_over(line));
        let headings = file.headings();
        let (first, heading) = lines.next().unwrap_or((1, ""));
        self.note(file, first, check_headings(heading, &headings));
        let (mut rows, mut keys) = (Vec::new(), BTreeSet::new());
        for (line, text) in lines {
            let row = Row::of(text, &headings).and_then(|row| {
                let item = read(&row)?;
                row.check_key(file, &mut keys)?;
                Ok(item)
            });
            rows.extend(self.note(file, line, row));
        }
        if rows.is_empty() && !file.may_be_empty() {
            let expected = "a line of the table below the headings";
            self.note::<()>(file, first + 1, Err(Unfit { at: 0, expected }));
        }
        rows
    }

    fn note<T>(&mut self, file: TableFile, line: usize, read: Result<T, Unfit>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(Unfit { at, expected }) => {
                self.misfit.get_or_insert(Misfit {
                    file,
                    line,
                    column: at + 1,
                    expected,
                });
                None
            }
        }
    }
}

fn check_headings(line: &str, headings: &[&'static str]) -> Result<(), Unfit> {
    let mut found = line.split(',');
    for (at, expected) in headings.iter().enumerate() {
        if found.next() != Some(expected) {
            let expected = "this heading";
            return Err(Unfit { at, expected });
        }
    }
    let at = headings.len();
    let expected = "no further heading";
    found.next().map_or(Ok(()), |_| Err(Unfit { at, expected }))
}

/// The cells of a line, by their headings.
pub(super) struct Row<'h> {
    headings: &'h [&'static str],
    cells: Vec<String>,
}

impl<'h> Row<'h> {
    fn of(line: &str, headings: &'h [&'static str]) -> Result<Self, Unfit> {
        let Some(cells) = cells::of_line(line) else {
            let expected = "a second double quote on the line";
            let at = cells::of_line(&format!("{line}\"")).map_or(0, |cells| cells.len() - 1);
            return Err(Unfit { at, expected });
        };
        if cells.len() != headings.len() {
            let at = cells.len().min(headings.len());
            let expected =
                "a cell for each heading; one that has commas stands between double quotes";
            return Err(Unfit { at, expected });
        }
        Ok(Self { headings, cells })
    }

    fn at(&self, column: &str) -> usize {
        let at = self.headings.iter().position(|of| *of == column);
        at.unwrap_or(self.headings.len())
    }

    fn text(&self, column: &str) -> &str {
        self.cells.get(self.at(column)).map_or("", String::as_str)
    }

    /// What `read` makes of a cell, or what it expected there.
    pub(super) fn cell<T>(
        &self,
        column: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Unfit> {
        let unfit = || Unfit {
            at: self.at(column),
            expected,
        };
        read(self.text(column)).ok_or_else(unfit)
    }

    /// The same of a cell that may be empty.
    pub(super) fn optional<T>(
        &self,
        column: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Unfit> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        self.cell(column, expected, read).map(Some)
    }

    fn check_key(&self, file: TableFile, keys: &mut BTreeSet<Vec<String>>) -> Result<(), Unfit> {
        let key = file.key().iter().map(|column| self.text(column).to_owned());
        let last = file.key().last().copied().unwrap_or_default();
        let is_new = keys.insert(key.collect());
        self.cell(last, "what no line above has already", |_| {
            is_new.then_some(())
        })
    }
}
