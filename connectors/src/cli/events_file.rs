//! A file of events, `-` for standard input: opened, folded, its bad lines reported.

use super::Outcome;
use anyhow::Context;
use clockstop::lines::{BadLine, fold_lines, read_lines};
use clockstop_pipeline::{AlertKey, Engine, Reference};
use clockstop_schemas::Decoded;
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
///
/// # Errors
/// When it cannot be read, or holds no event: nothing must come of a file that was named by mistake.
pub(crate) fn fold(file: &Path, engine: &mut Engine) -> anyhow::Result<Outcome> {
    let ((), outcome) = go_through(file, |input, on_bad| {
        let counts = fold_lines(input, engine, on_bad)?;
        Ok(((), counts.lines() - counts.refused))
    })?;
    Ok(outcome)
}

/// What the file says, in the order in which it was recorded, for the engine to learn; bad lines as in [`fold`].
pub(crate) fn read(
    file: &Path,
    engine: &mut Engine,
) -> anyhow::Result<(Vec<Decoded<'static>>, Outcome)> {
    let (mut read, outcome) = go_through(file, |input, on_bad| {
        let read = read_lines(input, engine, on_bad)?;
        let good = u64::try_from(read.len()).unwrap_or(u64::MAX);
        Ok((read, good))
    })?;
    read.sort_by_key(|decoded| decoded.report.version);
    Ok((read, outcome))
}

type OnBad<'b> = &'b mut dyn FnMut(u64, BadLine) -> io::Result<()>;

/// Lets a reader have the file, which returns the number of good lines beside what it makes of them.
fn go_through<T>(
    file: &Path,
    read: impl FnOnce(BufReader<Box<dyn Read>>, OnBad<'_>) -> io::Result<(T, u64)>,
) -> anyhow::Result<(T, Outcome)> {
    let mut errors = BufWriter::new(io::stderr().lock());
    let mut refused = 0_u64;
    let (made, good) = read(open(file)?, &mut |number, bad| {
        refused += 1;
        writeln!(errors, "line {number}: {}: {bad}", bad.reason())
    })
    .with_context(|| format!("cannot read {}", file.display()))?;
    errors.flush()?;
    ensure_events(file, good)?;
    if refused == 0 {
        return Ok((made, Outcome::Done));
    }
    let lines = good + refused;
    writeln!(
        errors,
        "{refused} of {lines} lines were refused; the rest was judged"
    )?;
    errors.flush()?;
    Ok((made, Outcome::Partial))
}

/// An error where a file holds nothing that could be judged.
pub(crate) fn ensure_events(file: &Path, events: u64) -> anyhow::Result<()> {
    anyhow::ensure!(
        events > 0,
        "{} holds no event: a line each is expected",
        file.display()
    );
    Ok(())
}
