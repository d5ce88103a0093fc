//! `clockstop generate --year`: the published year as events, and how well it fits.

use super::generate::{INVENTED, Summary, Target};
use super::progress::Progress;
use super::{Outcome, fit};
use clockstop::generate::{Event, Fold, Rates, Scale, Targets, Year, YearPlan};
use clockstop_pipeline::Texts;
use std::io::{self, Write};
use std::path::PathBuf;

/// A year that comes to England's published figures.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A national year")]
pub(super) struct Options {
    /// Instead of so many referrals, the published year: every monthly figure of England, exactly
    #[arg(long, value_name = "YEAR", value_parser = ["2024-25"])]
    year: Option<String>,
    /// Which part of the published patients, to six decimals
    #[arg(long, value_name = "FRACTION", default_value = "1", value_parser = scale, requires = "year")]
    scale: Scale,
    /// In which order events come; by default that of their arrival, and with only `--fit` by pathway
    #[arg(long, value_enum, requires = "year")]
    order: Option<Order>,
    /// Folds and counts what is generated, and shows how well it fits; exit code 1 when a figure is missed
    #[arg(long, requires = "year")]
    fit: bool,
    /// Also writes every figure of the fit to this file, as CSV or, where its name ends in .json, as JSON
    #[arg(long, value_name = "FILE", requires = "fit")]
    fit_out: Option<PathBuf>,
}

/// The order of a year's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Order {
    /// As they arrive; holds every pathway until it is over
    Arrival,
    /// Pathway after pathway, in memory that does not grow
    Pathway,
}

fn scale(text: &str) -> Result<Scale, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let short = fraction.len() <= 6 && whole.len() <= 1;
    let millionths = format!("{whole}{fraction:0<6}").parse().ok();
    let scale = millionths.filter(|_| short).and_then(Scale::new);
    scale.ok_or_else(|| "expected a part such as 0.01, above 0 and at most 1".to_owned())
}

/// Where a year's events go: out, into the fold, or both.
struct Sinks {
    target: Option<Target>,
    fold: Option<Fold>,
    summary: Summary,
}

impl Sinks {
    fn put(&mut self, event: &Event, texts: &Texts) -> anyhow::Result<()> {
        if let Some(target) = &mut self.target {
            target.put(event, texts)?;
        }
        if let Some(fold) = &mut self.fold {
            fold.learn(event, texts);
        }
        self.summary.count(event);
        Ok(())
    }
}

impl Options {
    pub(super) fn run(
        &self,
        seed: u64,
        rates: Rates,
        target: Option<Target>,
    ) -> anyhow::Result<Outcome> {
        let scale = self.scale;
        // A year takes minutes: what cannot be written is told before it.
        let fit_out = self
            .fit_out
            .as_deref()
            .map(fit::Output::create)
            .transpose()?;
        let year = Year::new(YearPlan { seed, scale, rates })?;
        let mut stderr = io::stderr();
        writeln!(stderr, "{INVENTED}")?;
        let targets = self.fit.then(|| Targets::of(&year, scale)).transpose()?;
        let fold = self.fit.then(|| Fold::new(year.last_day())).transpose()?;
        let by_arrival = self
            .order
            .map_or(target.is_some(), |order| order == Order::Arrival);
        let mut sinks = Sinks {
            target,
            fold,
            summary: Summary::default(),
        };
        if by_arrival {
            arrive(year, &mut sinks)?;
        } else {
            one_by_one(year, &mut sinks)?;
        }
        if let Some(target) = sinks.target {
            target.finish()?;
        }
        writeln!(stderr, "{}", sinks.summary)?;
        let (Some(targets), Some(fold)) = (targets, sinks.fold) else {
            return Ok(Outcome::Done);
        };
        let (_, rows) = fold.finish();
        let fit = targets.fit(&rows);
        if let Some(out) = fit_out {
            out.write(&fit)?;
        }
        fit::show(&fit, &mut stderr)?;
        Ok(if fit.is_exact() {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }
}

fn one_by_one(mut year: Year, sinks: &mut Sinks) -> anyhow::Result<()> {
    let (mut done, all) = year.steps();
    let mut progress = Progress::new(all, "steps");
    while let Some(events) = year.next() {
        while done < year.steps().0 {
            progress.step();
            done += 1;
        }
        for event in &events {
            sinks.put(event, year.texts())?;
        }
        if let Some(fold) = &mut sinks.fold {
            fold.whole();
        }
    }
    sinks.summary.pathways = year.begun();
    Ok(())
}

fn arrive(year: Year, sinks: &mut Sinks) -> anyhow::Result<()> {
    let mut arrivals = year.in_order_of_arrival();
    let mut progress = Progress::new(arrivals.days(), "days");
    while let Some((_, events)) = arrivals.next() {
        progress.step();
        for event in &events {
            sinks.put(event, arrivals.year().texts())?;
        }
    }
    sinks.summary.pathways = arrivals.year().begun();
    Ok(())
}
