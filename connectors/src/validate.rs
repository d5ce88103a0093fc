//! Are these events fit to send? Every refusal, unlisted code and finding by source, field and rule, with
//! where it lies and what to do. Nothing that was sent is shown but sources, short codes and trusts.

mod advice;
mod judged;
mod places;
mod report;
mod tally;
mod told;

pub use report::{
    FORMAT, Found, Pathways, Reading, Records, Refused, Report, SameVersion, Shown, Unlisted,
    Verdict,
};

pub(crate) use places::Place;

use crate::config::Topics;
use crate::lines::{BadLine, LineCounts};
use clockstop_pipeline::{
    AlertKey, Day, Engine, FieldVisitor, Instant, Month, Reference, Text, Texts, Topic, is_listed,
};
use clockstop_schemas::{Decoded, check_recorded, decode_line, line_source};
use places::{Agreement, Places};
use std::collections::BTreeMap;
use tally::Tally;

/// A code as long as any list has; what is longer may be something else that came into the wrong column.
const LONGEST_CODE: usize = 3;

/// On which date pathways are judged, and which of them are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The date.
    pub as_of: Day,
    /// Only pathways that somebody reports in this month (`Row::reported_by`); `None`: all.
    pub month: Option<Month>,
}

/// Events on their way into a report. What it keeps grows with pathways, sources and codes, not with records.
#[derive(Debug)]
pub struct Validation {
    engine: Engine,
    places: Places,
    counts: LineCounts,
    refusals: BTreeMap<RefusalKey, (BadLine, Tally<Place>)>,
    unlisted: BTreeMap<(String, &'static str, Option<String>), Tally<Place>>,
    same_version: BTreeMap<(String, &'static str), Tally<Place>>,
    topics: Topics,
    reading: Reading,
    examples: usize,
}

/// Source, field and reason.
type RefusalKey = (Option<String>, Option<&'static str>, &'static str);

impl Validation {
    /// Of a file; so many examples of everything at most.
    #[must_use]
    pub fn of_file(examples: usize) -> Self {
        let reading = Reading {
            since: None,
            topics: Topic::ALL.map(Topic::name).to_vec(),
        };
        Self::new(Topics::default(), reading, examples)
    }

    /// Of what was read from these topics.
    #[must_use]
    pub fn of_feed(topics: Topics, reading: Reading, examples: usize) -> Self {
        Self::new(topics, reading, examples)
    }

    fn new(topics: Topics, reading: Reading, examples: usize) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self {
            // Its alert ids go nowhere.
            engine: Engine::new(AlertKey([0; 32]), Reference::default(), version),
            places: Places::default(),
            counts: LineCounts::default(),
            refusals: BTreeMap::new(),
            unlisted: BTreeMap::new(),
            same_version: BTreeMap::new(),
            topics,
            reading,
            examples,
        }
    }

    /// Takes a line that [`crate::lines::each_line`] shows, as if it were sent at that instant.
    pub fn line(&mut self, number: u64, line: Result<&[u8], BadLine>, sent_at: Instant) {
        let read = line.and_then(|line| {
            let decoded = decode_line(line, self.engine.texts_mut()).map_err(BadLine::Refused)?;
            let recorded_at = decoded.report.version.recorded_at;
            check_recorded(recorded_at, sent_at).map_err(BadLine::Refused)?;
            Ok(decoded)
        });
        let source = || line_source(line.ok()?);
        self.take(Place::Line(number), &read, source);
    }

    pub(crate) const fn texts_mut(&mut self) -> &mut Texts {
        self.engine.texts_mut()
    }

    /// Takes an event, or why it is refused; `source` is asked of a refused one only.
    pub(crate) fn take(
        &mut self,
        place: Place,
        read: &Result<Decoded<'_>, BadLine>,
        source: impl FnOnce() -> Option<String>,
    ) {
        let learned = read.as_ref().map(|decoded| self.learn(place, decoded));
        self.counts.add(learned);
        if let Err(bad) = *read {
            let field = match bad {
                BadLine::TooLong => None,
                BadLine::Refused(refusal) => refusal.field(),
            };
            let key = (source(), field, bad.reason());
            let (_, tally) = self.refusals.entry(key).or_insert((bad, Tally::default()));
            tally.note(place, self.examples);
        }
    }

    fn learn(&mut self, place: Place, decoded: &Decoded<'_>) -> clockstop_pipeline::Learned {
        let Decoded { pathway, report } = decoded;
        let learned = self.engine.learn(pathway, report);
        let agreement = self.places.note(pathway, report, learned, place);
        let texts = self.engine.texts();
        let spell = |text| texts.read(text).as_str().to_owned();
        if agreement == Agreement::Contradicts {
            let key = (spell(report.source), report.fact.event_type().name());
            let tally = self.same_version.entry(key).or_default();
            tally.note(place, self.examples);
        }
        // What is taken back says nothing.
        if !report.version.entered_in_error {
            let mut codes = Codes {
                texts,
                unlisted: Vec::new(),
            };
            let mut fact = report.fact;
            fact.visit(&mut codes);
            for (field, code) in codes.unlisted {
                let key = (spell(report.source), field, shown_code(&spell(code)));
                let tally = self.unlisted.entry(key).or_default();
                tally.note(place, self.examples);
            }
        }
        learned
    }

    /// How many records were taken.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.counts.lines()
    }

    /// How many pathways are known: so often does [`Self::report`] call its `step`.
    #[must_use]
    pub fn pathways(&self) -> usize {
        self.engine.pathways()
    }

    /// Judges the pathways and puts everything together; `step` is called once a pathway.
    #[must_use]
    pub fn report(&self, question: &Question, step: impl FnMut()) -> Report {
        let (pathways, findings) = self.judge(question, step);
        let refused = self.counts.refused > 0 || pathways.rejected > 0;
        let mut report = Report {
            format: FORMAT,
            verdict: Verdict::Fit,
            as_of: question.as_of.to_string(),
            month: question.month.map(|month| month.to_string()),
            read: self.reading.clone(),
            records: Records {
                read: self.counts.lines(),
                changed: self.counts.changed,
                repeated: self.counts.repeated,
                superseded: self.counts.superseded,
                refused: self.counts.refused,
            },
            pathways,
            refusals: self.refused(),
            unlisted_codes: self.unlisted(),
            same_version: self.same_version(),
            findings,
        };
        let silent = report.unlisted_codes.is_empty()
            && report.same_version.is_empty()
            && report.findings.is_empty();
        report.verdict = match (refused, silent) {
            (true, _) => Verdict::NotFit,
            (false, true) => Verdict::Fit,
            (false, false) => Verdict::FitWithRemarks,
        };
        report
    }

    fn refused(&self) -> Vec<Refused> {
        let rows = self.refusals.iter();
        let row = |((source, field, reason), (bad, tally)): (&RefusalKey, &(BadLine, Tally<_>))| {
            Refused {
                source: source.clone(),
                field: *field,
                reason,
                meaning: advice::meaning(*bad),
                what_to_do: advice::about_refusal(*bad),
                count: tally.count(),
                examples: self.shown(tally.examples()),
            }
        };
        rows.map(row).collect()
    }

    fn unlisted(&self) -> Vec<Unlisted> {
        let rows = self.unlisted.iter();
        rows.map(|((source, field, code), tally)| Unlisted {
            source: source.clone(),
            field,
            code: code.clone(),
            what_to_do: advice::UNLISTED_CODE,
            count: tally.count(),
            examples: self.shown(tally.examples()),
        })
        .collect()
    }

    fn same_version(&self) -> Vec<SameVersion> {
        let rows = self.same_version.iter();
        rows.map(|((source, event_type), tally)| SameVersion {
            source: source.clone(),
            event_type,
            what_to_do: advice::SAME_VERSION,
            count: tally.count(),
            examples: self.shown(tally.examples()),
        })
        .collect()
    }

    fn shown<'a>(&self, places: impl Iterator<Item = &'a Place>) -> Vec<Shown> {
        let shown = |place: &Place| match *place {
            Place::Line(line) => Shown::Line { line },
            Place::Record(position) => Shown::Record {
                topic: self.topics.input(position.topic).to_owned(),
                partition: position.partition,
                offset: position.offset,
            },
        };
        places.map(shown).collect()
    }
}

fn shown_code(code: &str) -> Option<String> {
    let is_short = code.len() <= LONGEST_CODE && code.bytes().all(|b| b.is_ascii_alphanumeric());
    is_short.then(|| code.to_owned())
}

/// The codes of a fact that are not on their list.
struct Codes<'a> {
    texts: &'a Texts,
    unlisted: Vec<(&'static str, Text)>,
}

impl FieldVisitor for Codes<'_> {
    fn day(&mut self, _: &'static str, _: &mut Option<Day>) {}
    fn text(&mut self, name: &'static str, value: &mut Option<Text>) {
        if let Some(code) = *value
            && is_listed(name, self.texts.read(code).as_str()) == Some(false)
        {
            self.unlisted.push((name, code));
        }
    }
    fn number(&mut self, _: &'static str, _: &mut Option<u16>) {}
    fn flag(&mut self, _: &'static str, _: &mut Option<bool>) {}
}
