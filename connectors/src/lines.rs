//! Events from JSON lines, folded into one engine: `assess` and `explain` from a file.

use clockstop_pipeline::{Engine, Learned};
use clockstop_schemas::{Decoded, Refusal, decode_line};
use std::io::{self, BufRead, Read};

/// A longer line is no event: the limits of `domain/events.md` keep one far below this.
const LINE_LIMIT: u64 = 1 << 20;

/// What became of the lines of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// The greatest version of their fact so far.
    pub changed: u64,
    /// Known already.
    pub repeated: u64,
    /// Behind a greater version.
    pub superseded: u64,
    /// Not events.
    pub refused: u64,
}

impl LineCounts {
    /// All lines but empty ones.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.changed + self.repeated + self.superseded + self.refused
    }

    /// Counts one more.
    pub(crate) const fn add(&mut self, learned: Result<Learned, &BadLine>) {
        match learned {
            Ok(Learned::Changed) => self.changed += 1,
            Ok(Learned::Repeated) => self.repeated += 1,
            Ok(Learned::Superseded) => self.superseded += 1,
            Err(_) => self.refused += 1,
        }
    }
}

/// Why a line is not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// It is longer than any event.
    #[error("longer than 1 MiB")]
    TooLong,
    /// It is refused like a record would be.
    #[error("{0}")]
    Refused(Refusal),
}

impl BadLine {
    /// The machine-readable reason.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLong => "line_too_long",
            Self::Refused(refusal) => refusal.reason(),
        }
    }
}

/// Learns every line; hands each bad one, with its number from 1, to `on_bad` and goes on.
///
/// # Errors
/// When the input cannot be read, or `on_bad` fails.
pub fn fold_lines(
    input: impl BufRead,
    engine: &mut Engine,
    mut on_bad: impl FnMut(u64, BadLine) -> io::Result<()>,
) -> io::Result<LineCounts> {
    let mut counts = LineCounts::default();
    each_line(input, |number, line| {
        let learned = line.and_then(|line| learn(line, engine));
        counts.add(learned.as_ref().copied());
        learned.map_or_else(|bad| on_bad(number, bad), |_| Ok(()))
    })?;
    Ok(counts)
}

/// Reads what every line says without learning it; the engine that is to learn it keeps its texts. Bad lines as in
/// [`fold_lines`].
///
/// # Errors
/// When the input cannot be read, or `on_bad` fails.
pub fn read_lines(
    input: impl BufRead,
    engine: &mut Engine,
    mut on_bad: impl FnMut(u64, BadLine) -> io::Result<()>,
) -> io::Result<Vec<Decoded<'static>>> {
    let mut read = Vec::new();
    each_line(input, |number, line| {
        match line.and_then(|line| decode(line, engine)) {
            Ok(decoded) => read.push(decoded),
            Err(bad) => on_bad(number, bad)?,
        }
        Ok(())
    })?;
    Ok(read)
}

/// Shows every line that is not empty with its number from 1; one that is longer than any event only as
/// that.
///
/// # Errors
/// When the input cannot be read, or `each` fails.
pub fn each_line(
    mut input: impl BufRead,
    mut each: impl FnMut(u64, Result<&[u8], BadLine>) -> io::Result<()>,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    while read_line(&mut input, &mut line)? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let too_long = u64::try_from(line.len()).is_ok_and(|length| length > LINE_LIMIT);
        let shown = Some(line.as_slice()).filter(|_| !too_long);
        each(number, shown.ok_or(BadLine::TooLong))?;
    }
    Ok(())
}

fn learn(line: &[u8], engine: &mut Engine) -> Result<Learned, BadLine> {
    let decoded = decode(line, engine)?;
    Ok(engine.learn(&decoded.pathway, &decoded.report))
}

fn decode(line: &[u8], engine: &mut Engine) -> Result<Decoded<'static>, BadLine> {
    decode_line(line, engine.texts_mut()).map_err(BadLine::Refused)
}

/// Reads one line; of one beyond the limit only enough to see that. `false` at the end.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut within = input.by_ref().take(LINE_LIMIT + 1);
    within.read_until(b'\n', line)?;
    let cut_short = within.limit() == 0 && line.last() != Some(&b'\n');
    if cut_short {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a place inside the line")]
mod tests {
    use super::{BadLine, LINE_LIMIT, fold_lines};
    use clockstop_pipeline::{AlertKey, Engine, Reference};
    use proptest::prelude::*;
    use std::io::{BufReader, Cursor};

    const GOOD: &str = r#"{"topic":"referral","event_type":"referral_received","event_id":"00000000-0000-4000-8000-000000000001","recorded_at":"2026-01-01T09:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"1","organisation_identifier_issuer":"RXX"}"#;

    #[test]
    fn a_bad_line_is_told_by_its_number_and_the_rest_is_learned() {
        let endless = "x".repeat(usize::try_from(LINE_LIMIT).expect("fits") + 7);
        let input = format!("{GOOD}\n\n{endless}\n{{\"topic\"\n{GOOD}");
        let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
        let mut bad = Vec::new();
        let counts = fold_lines(
            BufReader::with_capacity(64, Cursor::new(input)),
            &mut engine,
            |number, line| {
                bad.push((number, line.reason()));
                Ok(())
            },
        )
        .expect("readable");
        assert_eq!(bad, [(3, BadLine::TooLong.reason()), (4, "not_json")]);
        assert_eq!((counts.changed, counts.repeated, counts.refused), (1, 1, 2));
        assert_eq!(engine.pathways(), 1);
    }

    proptest! {
        #[test]
        fn every_line_of_garbage_is_counted_once(
            lines in proptest::collection::vec(
                prop_oneof![
                    Just(GOOD.as_bytes().to_vec()),
                    proptest::collection::vec(any::<u8>(), 1..80),
                    (0..GOOD.len(), any::<u8>()).prop_map(|(at, byte)| {
                        let mut line = GOOD.as_bytes().to_vec();
                        line[at] = byte;
                        line
                    }),
                ],
                0..40,
            )
        ) {
            let input = lines.join(&b'\n');
            let meant = input
                .split(|&byte| byte == b'\n')
                .filter(|line| !line.iter().all(u8::is_ascii_whitespace))
                .count();
            let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
            let mut bad = 0;
            let counts = fold_lines(Cursor::new(input), &mut engine, |_, _| {
                bad += 1;
                Ok(())
            })
            .expect("readable");
            prop_assert_eq!(counts.lines(), u64::try_from(meant).expect("fits"));
            prop_assert_eq!(counts.refused, bad);
        }
    }
}
