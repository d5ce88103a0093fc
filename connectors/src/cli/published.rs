//! Which figures a subcommand reads: a published folder, and months of it.

use anyhow::ensure;
use clap::Args;
use clockstop::published_folder::{Figures, PublishedFolder, ReleaseName};
use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{Period, PeriodKind};
use clockstop_schemas::parse_month;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Where figures are read from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The root that holds `current`, a snapshot in it, or the folder of a release
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// A frozen release of the root, as `2025-03/provisional` or `2025-03/final` [default: its `current` snapshot]
    #[arg(long, value_name = "MONTH/RELEASE")]
    release: Option<ReleaseName>,
}

impl Source {
    /// The folder and its figures; says when they are not complete.
    pub(super) fn read(&self) -> anyhow::Result<(PublishedFolder, Figures)> {
        let folder = PublishedFolder::open(&self.from, self.release)?;
        let figures = folder.performance()?;
        let missing = folder.partitions_missing();
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            writeln!(
                io::stderr(),
                "the figures are too small: partitions {} are missing in {}",
                missing.join(", "),
                folder.path().display()
            )?;
        }
        Ok((folder, figures))
    }
}

/// Which months of them.
#[derive(Debug, Args)]
pub(super) struct Months {
    /// A month, as 2025-03; may be repeated
    #[arg(long, value_name = "MONTH", value_parser = super::given::month)]
    month: Vec<Month>,
    /// A financial year, April to March, as 2024-25
    #[arg(long, value_name = "YEAR", value_parser = year, conflicts_with = "month")]
    year: Option<Period>,
}

impl Months {
    /// Is this month asked for? `None` where no months are named.
    pub(super) fn includes(&self, month: Month) -> Option<bool> {
        if let Some(year) = self.year {
            return Some(Period::of(PeriodKind::Year, month) == year);
        }
        (!self.month.is_empty()).then(|| self.month.contains(&month))
    }

    /// The months asked for by name that are not among these.
    pub(super) fn lacking<'m>(
        &'m self,
        there: &'m BTreeSet<Month>,
    ) -> impl Iterator<Item = &'m Month> {
        self.month.iter().filter(|month| !there.contains(month))
    }

    /// The months to write: those named, else the released ones; a release has its own.
    pub(super) fn of(
        &self,
        folder: &PublishedFolder,
        figures: &Figures,
    ) -> anyhow::Result<Vec<Month>> {
        let months = figures.months();
        let has_come = |release: Option<Release>| release.is_some_and(|of| of != Release::Running);
        let wanted = months.iter().filter(|(month, release)| {
            let own = match folder.release() {
                Some(release) => release.month == **month,
                None => has_come(**release),
            };
            self.includes(**month).unwrap_or(own)
        });
        let wanted: Vec<Month> = wanted.map(|(month, _)| *month).collect();
        if let Some(absent) = self.month.iter().find(|month| !wanted.contains(month)) {
            anyhow::bail!(
                "no figures of {absent} in {}; it has {}",
                folder.path().display(),
                span(months.keys())
            );
        }
        ensure!(
            !wanted.is_empty(),
            "no {} in {}; it has {}: name months with --month or --year",
            if self.year.is_some() {
                "figures of that year"
            } else {
                "month is released"
            },
            folder.path().display(),
            span(months.keys())
        );
        Ok(wanted)
    }
}

/// `2024-04 to 2025-03`; what lies between may have gaps.
pub(super) fn span<'a>(months: impl IntoIterator<Item = &'a Month>) -> String {
    let mut months = months.into_iter();
    match (months.next(), months.last()) {
        (None, _) => "no month".to_owned(),
        (Some(only), None) => only.to_string(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
    }
}

fn year(text: &str) -> Result<Period, String> {
    let april = text
        .split_once('-')
        .and_then(|(begins, _)| parse_month(&format!("{begins}-04")));
    let year = april.map(|april| Period::of(PeriodKind::Year, april));
    year.filter(|year| year.to_string() == text)
        .ok_or_else(|| "expected a financial year such as 2024-25".to_owned())
}
