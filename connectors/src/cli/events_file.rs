//! A file of events, `-` for standard input: opened, folded, its bad lines reported.

use super::Outcome;
use anyhow::Context;
use clockstop::lines::fold_lines;
use clockstop_pipeline::{AlertKey, Engine, Reference};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

const READ_AHEAD: usize = 1 << 18;

/// An engine for what is only judged: its alert ids go nowhere.
pub(crate) fn engine() -> Engine {
    Engine::new(
        AlertKey([0; 32]),
        Reference::default(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// What the file holds, read ahead.
pub(crate) fn open(file: &Path) -> anyhow::Result<BufReader<Box<dyn Read>>> {
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file);
        Box::new(opened.with_context(|| format!("cannot read {}", file.display()))?)
    };
    Ok(BufReader::with_capacity(READ_AHEAD, input))
}

/// Folds the file; reports each bad line with its number and reason on standard error.
pub(crate) fn fold(file: &Path, engine: &mut Engine) -> anyhow::Result<Outcome> {
    let mut errors = BufWriter::new(io::stderr().lock());
    let counts = fold_lines(open(file)?, engine, |number, bad| {
        writeln!(errors, "line {number}: {}: {bad}", bad.reason())
    })
    .with_context(|| format!("cannot read {}", file.display()))?;
    if counts.refused == 0 {
        return Ok(Outcome::Done);
    }
    writeln!(
        errors,
        "{} of {} lines were refused; the rest was judged",
        counts.refused,
        counts.lines()
    )?;
    errors.flush()?;
    Ok(Outcome::Partial)
}
