//! A comparison told: totals first, then the causes, then the largest differences.

use super::super::export::origin;
use super::super::published::span;
use clockstop::digits::grouped;
use clockstop::published_folder::PublishedFolder;
use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::compare::{Comparison, Difference};
use clockstop_pipeline::statistics::{CategoryName, CellCounts, CellKey, Figure, Halves};
use core::fmt::Write as _;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What people can take in at once.
const TOP_OF_TEXT: usize = 20;

/// What is to be told.
pub(super) struct Report<'a> {
    pub(super) folder: &'a PublishedFolder,
    pub(super) files: &'a [PathBuf],
    pub(super) months: &'a BTreeSet<Month>,
    pub(super) comparison: &'a Comparison,
    pub(super) unknown_commissioner: usize,
    pub(super) other_cuts: usize,
    pub(super) top: Option<usize>,
}

/// The columns of a difference, before those of its figures.
const PLACE: [&str; 8] = [
    "month",
    "basis",
    "organisation",
    "standard",
    "route_or_stage",
    "cancer_type",
    "treatment_modality",
    "cause",
];

/// How many cells there are of each kind.
struct Totals {
    same: usize,
    different: usize,
    only_ours: usize,
    only_theirs: usize,
}

impl Report<'_> {
    fn totals(&self) -> Totals {
        let differences = &self.comparison.differences;
        let count = |which: fn(&Difference) -> bool| {
            let counted = differences.iter().filter(|each| which(each));
            counted.count()
        };
        Totals {
            same: self.comparison.same,
            different: count(|each| each.ours.is_some() && each.theirs.is_some()),
            only_ours: count(|each| each.theirs.is_none()),
            only_theirs: count(|each| each.ours.is_none()),
        }
    }

    fn largest(&self, otherwise: usize) -> impl Iterator<Item = &Difference> {
        let top = self.top.unwrap_or(otherwise);
        self.comparison.differences.iter().take(top)
    }

    /// For people.
    pub(super) fn text(&self) -> Result<String, core::fmt::Error> {
        let mut text = String::new();
        self.tell(&mut text)?;
        Ok(text)
    }

    fn tell(&self, out: &mut String) -> core::fmt::Result {
        let totals = self.totals();
        let files = self.files.iter().map(|file| file.display().to_string());
        writeln!(
            out,
            "ours    {}: {}",
            origin(self.folder),
            self.folder.path().display()
        )?;
        writeln!(out, "theirs  {}", files.collect::<Vec<_>>().join(" "))?;
        writeln!(out, "months  {}\n", span(self.months))?;
        for (cells, what) in [
            (totals.same, "cells are the same"),
            (totals.different, "differ"),
            (totals.only_ours, "are only ours"),
            (totals.only_theirs, "are only theirs"),
        ] {
            writeln!(out, "{:>10}  {what}", grouped(cells))?;
        }
        for (cells, why) in [
            (
                self.unknown_commissioner,
                "of the commissioner UNKNOWN, which the files leave out",
            ),
            (self.other_cuts, "of cuts that the files do not have"),
        ] {
            if cells > 0 {
                writeln!(
                    out,
                    "{:>10}  of ours are not compared: {why}",
                    grouped(cells)
                )?;
            }
        }
        if self.comparison.differences.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\n{:<22}{:>9}{:>14}{:>14}",
            "cause", "cells", "size", "ours - theirs"
        )?;
        for sum in &self.comparison.causes {
            let (cells, size, net) = (grouped(sum.cells), grouped(sum.size), grouped(sum.net));
            writeln!(out, "{:<22}{cells:>9}{size:>14}{net:>14}", sum.cause.name())?;
        }
        writeln!(
            out,
            "\n{:>10}{:>12}{:>12}  largest differences",
            "size", "ours", "theirs"
        )?;
        for difference in self.largest(TOP_OF_TEXT) {
            let (size, largest) = (difference.size(), figures(difference));
            let largest = largest.max_by_key(|(_, ours, theirs)| {
                (ours.unwrap_or_default() - theirs.unwrap_or_default()).abs()
            });
            let (figure, ours, theirs) = largest.unwrap_or_default();
            let [ours, theirs] = [ours, theirs].map(|side| side.map_or("-".to_owned(), grouped));
            let mut place = Vec::from(place(difference));
            place.insert(0, figure);
            place.retain(|part| !part.is_empty());
            let (size, place) = (grouped(size), place.join(" | "));
            writeln!(out, "{size:>10}{ours:>12}{theirs:>12}  {place}")?;
        }
        Ok(())
    }

    /// One object.
    pub(super) fn json(&self) -> String {
        let totals = self.totals();
        let causes = self.comparison.causes.iter().map(|sum| {
            json!({
                "cause": sum.cause.name(),
                "cells": sum.cells,
                "size": patients(sum.size),
                "net": patients(sum.net),
            })
        });
        let differences = self.largest(usize::MAX).map(|difference| {
            let mut told: Map<String, Value> = PLACE
                .iter()
                .zip(place(difference))
                .map(|(name, part)| ((*name).to_owned(), part.into()))
                .collect();
            told.insert("size".to_owned(), patients(difference.size()));
            told.insert("net".to_owned(), patients(difference.net()));
            let figures = figures(difference).map(|(figure, ours, theirs)| {
                let [ours, theirs] = [ours, theirs].map(|side| side.map(patients));
                (figure, json!({"ours": ours, "theirs": theirs}))
            });
            told.insert("figures".to_owned(), figures.collect::<Map<_, _>>().into());
            Value::from(told)
        });
        let files = self.files.iter().map(|file| file.display().to_string());
        let told = json!({
            "ours": {
                "folder": self.folder.path().display().to_string(),
                "release": self.folder.release().map(|release| release.to_string()),
                "as_of": self.folder.as_of(),
            },
            "theirs": files.collect::<Vec<_>>(),
            "months": self.months.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "cells": {
                "same": totals.same,
                "different": totals.different,
                "only_ours": totals.only_ours,
                "only_theirs": totals.only_theirs,
            },
            "not_compared": {
                "unknown_commissioner": self.unknown_commissioner,
                "other_cuts": self.other_cuts,
            },
            "causes": causes.collect::<Vec<_>>(),
            "differences": differences.collect::<Vec<_>>(),
        });
        format!("{told}\n")
    }

    /// A row for each figure that differs.
    pub(super) fn csv(&self) -> String {
        let mut out = PLACE.join(",");
        out.push_str(",figure,ours,theirs,ours_less_theirs\n");
        for difference in self.largest(usize::MAX) {
            let place = place(difference).map(|part| quoted(&part)).join(",");
            for (figure, ours, theirs) in figures(difference) {
                let text =
                    |side: Option<Halves>| side.map_or_else(String::new, |of| of.to_string());
                let net = ours.unwrap_or_default() - theirs.unwrap_or_default();
                let row = [
                    place.as_str(),
                    &figure,
                    &text(ours),
                    &text(theirs),
                    &net.to_string(),
                ];
                out.push_str(&row.join(","));
                out.push('\n');
            }
        }
        out
    }
}

fn place(difference: &Difference) -> [String; 8] {
    let CellKey {
        month,
        basis,
        organisation,
        activity,
        part,
        cancer_type,
        modality,
    } = &difference.key;
    let named = |of: &CategoryName| match of {
        CategoryName::All => String::new(),
        CategoryName::Named(name) => name.to_string(),
    };
    [
        month.to_string(),
        basis.name().to_owned(),
        organisation.to_string(),
        activity.name().to_owned(),
        part.name(*activity).to_owned(),
        named(cancer_type),
        named(modality),
        difference.cause.name().to_owned(),
    ]
}

/// The figures that differ, by name, with those of each side; `None` where a side has no such row.
fn figures(
    difference: &Difference,
) -> impl Iterator<Item = (String, Option<Halves>, Option<Halves>)> + '_ {
    let (ours, theirs) = (difference.ours.as_ref(), difference.theirs.as_ref());
    let all = ours.or(theirs);
    let all = all.into_iter().flat_map(CellCounts::figures);
    let differing = all.map(move |(figure, _)| (figure, of(ours, figure), of(theirs, figure)));
    let differing = differing.filter(|(_, ours, theirs)| ours != theirs);
    differing.map(|(figure, ours, theirs)| (named(difference, figure), ours, theirs))
}

fn of(counts: Option<&CellCounts>, wanted: Figure) -> Option<Halves> {
    let mut figures = counts.into_iter().flat_map(CellCounts::figures);
    figures.find_map(|(figure, count)| (figure == wanted).then_some(count))
}

/// As the columns of `performance` are named.
fn named(difference: &Difference, figure: Figure) -> String {
    match figure {
        Figure::Total => "total".to_owned(),
        Figure::Within => "within".to_owned(),
        Figure::After => "after".to_owned(),
        Figure::Band(band) => {
            let band = difference.key.activity.bands().get(usize::from(band));
            band.map_or_else(String::new, |band| band.column.to_ascii_lowercase())
        }
    }
}

/// Patients as a number: whole, or with a half.
fn patients(of: Halves) -> Value {
    let text = of.to_string();
    text.parse::<i64>()
        .map(Value::from)
        .or_else(|_| text.parse::<f64>().map(Value::from))
        .unwrap_or(Value::Null)
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
