//! The fit of a generated year, as a table for people and as a file.

use anyhow::Context;
use clockstop::generate::{Fit, FitCell, ProviderFit};
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::{Activity, CategoryName, CellKey, Halves};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const CUTS: [&str; 4] = ["all", "by_type", "by_cancer", "by_modality"];
/// So many of the largest are named.
const NAMED: usize = 5;

/// What nobody should take for calibrated.
const NOT_CALIBRATED: &str = "Not calibrated: days inside a band and a month; which suspected type leads to which tumour, and which tumour is
treated how (only their margins are published); 62-day shares of providers (reported above); commissioners (everybody has
the board of the investigating provider); adjustments, transfers, closures, delay reasons, stages, equity and mess.
Beyond 900,000 patients there is no NHS number: counts of distinct patients, V15 and V24 say nothing there.";

/// Shows a table: each standard and cut, then providers, then whatever is not met.
pub(super) fn show(fit: &Fit, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "{:<11}{:<12}{:>6}{:>11}{:>11}{:>11}{:>11}{:>8}{:>8}",
        "", "cut", "cells", "target", "generated", "within", "generated", "missed", "sigmas"
    )?;
    for activity in Activity::ALL {
        for cut in CUTS {
            let cells = fit.cells.iter();
            let cells =
                cells.filter(|cell| cell.key.activity == activity && cut_of(&cell.key) == cut);
            line(activity, cut, &cells.collect::<Vec<_>>(), out)?;
        }
    }
    for standard in Standard::ALL {
        providers(fit, standard, out)?;
    }
    let missed = fit.cells.iter().filter(|cell| !cell.is_exact());
    for cell in missed.take(NAMED) {
        let [total, within] = cell.differences();
        let key = &cell.key;
        writeln!(
            out,
            "missed: {} {} {} {} {}: total {total}, within {within}",
            key.month,
            key.activity.name(),
            key.part.name(key.activity),
            name(&key.cancer_type),
            name(&key.modality),
        )?;
    }
    if fit.contradicted > 0 {
        let cells = fit.contradicted;
        writeln!(
            out,
            "{cells} published cells contradict others and are not met"
        )?;
    }
    writeln!(out, "{NOT_CALIBRATED}")?;
    Ok(())
}

fn line(
    activity: Activity,
    cut: &str,
    cells: &[&FitCell],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if cells.is_empty() {
        return Ok(());
    }
    let target =
        |at: fn(&FitCell) -> u32| cells.iter().map(|cell| u64::from(at(cell))).sum::<u64>();
    let generated = |at: fn(&FitCell) -> Halves| cells.iter().map(|cell| at(cell)).sum::<Halves>();
    let missed = cells.iter().filter(|cell| !cell.is_exact()).count();
    let sigmas = cells.iter().map(|cell| cell.sigmas).fold(0.0, f64::max);
    writeln!(
        out,
        "{:<11}{cut:<12}{:>6}{:>11}{:>11}{:>11}{:>11}{missed:>8}{sigmas:>8.2}",
        activity.name(),
        cells.len(),
        target(|cell| cell.target[0]),
        generated(|cell| cell.generated[0]).to_string(),
        target(|cell| cell.target[1]),
        generated(|cell| cell.generated[1]).to_string(),
    )?;
    Ok(())
}

fn providers(fit: &Fit, standard: Standard, out: &mut impl Write) -> anyhow::Result<()> {
    let of = fit
        .providers
        .iter()
        .filter(|provider| provider.standard == standard);
    let mut of: Vec<&ProviderFit> = of.collect();
    let off = |provider: &ProviderFit| (provider.generated - provider.target).abs();
    of.sort_by_key(|provider| core::cmp::Reverse(off(provider)));
    let same = of
        .iter()
        .filter(|provider| off(provider) == Halves::ZERO)
        .count();
    let note = match standard {
        Standard::SixtyTwoDay => "patients by their shares, reported only",
        Standard::Fds | Standard::ThirtyOneDay => "patients of the year",
    };
    write!(
        out,
        "{} providers, {note}: {same} of {} as published",
        standard.name(),
        of.len()
    )?;
    for provider in of
        .iter()
        .take(NAMED)
        .filter(|provider| off(provider) > Halves::ZERO)
    {
        let (code, target, generated) = (&provider.code, provider.target, provider.generated);
        write!(out, "; {code} {generated} for {target}")?;
    }
    writeln!(out)?;
    Ok(())
}

fn cut_of(key: &CellKey) -> &'static str {
    let treated = matches!(
        key.activity,
        Activity::Standard(Standard::SixtyTwoDay | Standard::ThirtyOneDay)
    );
    match (key.cancer_type.is_all(), key.modality.is_all()) {
        (_, false) => "by_modality",
        (true, true) => "all",
        (false, true) if treated => "by_cancer",
        (false, true) => "by_type",
    }
}

fn name(category: &CategoryName) -> &str {
    match category {
        CategoryName::All => "ALL",
        CategoryName::Named(name) => name,
    }
}

/// The file that every figure is written to.
pub(super) struct Output<'p> {
    path: &'p Path,
    out: BufWriter<File>,
}

impl<'p> Output<'p> {
    pub(super) fn create(path: &'p Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| cannot_write(path))?;
        let out = BufWriter::new(file);
        Ok(Self { path, out })
    }

    /// Writes England's cells, then the providers: as JSON where the name ends so, else as CSV.
    pub(super) fn write(mut self, fit: &Fit) -> anyhow::Result<()> {
        let is_json = self.path.extension().is_some_and(|of| of == "json");
        let written = if is_json {
            write_json(fit, &mut self.out)
        } else {
            write_csv(fit, &mut self.out)
        };
        let written = written.and_then(|()| self.out.flush());
        written.with_context(|| cannot_write(self.path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

fn write_json(fit: &Fit, out: &mut impl Write) -> io::Result<()> {
    let cells: Vec<_> = fit.cells.iter().map(cell_json).collect();
    let providers: Vec<_> = fit.providers.iter().map(provider_json).collect();
    let fit = serde_json::json!({
        "exact": fit.is_exact(),
        "contradicted": fit.contradicted,
        "cells": cells,
        "providers": providers,
    });
    writeln!(out, "{fit}")
}

fn write_csv(fit: &Fit, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "period,standard,cut,org_code,route_or_stage,category,published,target,generated,target_within,generated_within,band_sigmas"
    )?;
    for cell in &fit.cells {
        let (key, [target, within], [generated, in_time]) =
            (&cell.key, cell.target, cell.generated);
        let category = if key.modality.is_all() {
            &key.cancer_type
        } else {
            &key.modality
        };
        writeln!(
            out,
            "{},{},{},ENGLAND,\"{}\",\"{}\",{},{target},{generated},{within},{in_time},{:.3}",
            key.month,
            key.activity.name(),
            cut_of(key),
            key.part.name(key.activity),
            name(category),
            cell.published,
            cell.sigmas
        )?;
    }
    for provider in &fit.providers {
        let (standard, code) = (provider.standard.name(), &provider.code);
        let (target, generated) = (provider.target, provider.generated);
        writeln!(
            out,
            "2024-25,{standard},all,{code},,ALL,,{target},{generated},,,"
        )?;
    }
    Ok(())
}

fn cell_json(cell: &FitCell) -> serde_json::Value {
    let (key, [target, within]) = (&cell.key, cell.target);
    let [generated, in_time] = cell.generated.map(|halves| halves.to_string());
    serde_json::json!({
        "period": key.month.to_string(),
        "standard": key.activity.name(),
        "cut": cut_of(key),
        "route_or_stage": key.part.name(key.activity),
        "cancer_type": name(&key.cancer_type),
        "modality": name(&key.modality),
        "published": cell.published.to_string(),
        "target": target,
        "generated": generated,
        "target_within": within,
        "generated_within": in_time,
        "band_sigmas": cell.sigmas,
    })
}

fn provider_json(provider: &ProviderFit) -> serde_json::Value {
    serde_json::json!({
        "org_code": provider.code,
        "standard": provider.standard.name(),
        "target": provider.target.to_string(),
        "generated": provider.generated.to_string(),
    })
}
