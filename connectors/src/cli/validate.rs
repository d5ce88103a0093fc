//! `clockstop validate`: is a file, or what lies on the inputs, fit to send?

use super::Outcome;
use super::assess::Format;
use super::events_file;
use super::given;
use super::progress::Progress;
use super::settings::Settings;
use anyhow::Context;
use clockstop::calendar::Calendar;
use clockstop::kafka::client::Clients;
use clockstop::kafka::inputs::{Inputs, Since};
use clockstop::lines::each_line;
use clockstop::registry::Registry;
use clockstop::validate::{Question, Reading, Report, Validation, Verdict};
use clockstop_pipeline::{Day, Instant, Month, Topic};
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = r#"Examples:
  clockstop validate events.jsonl
  clockstop validate events.jsonl --month 2026-06 --format json
  clockstop validate --from-kafka --config clockstop.toml --since 2026-06-01

It tells by source, field and rule what the pipeline refuses, which findings (V01 to V31) the pathways have and which codes
are on no list, with counts, the first places and what to do. No value is shown but source systems, codes of up to three
characters and trusts.

Verdicts: fit; fit_with_remarks (warnings, or codes on no list); not_fit (refusals, or findings of severity reject).
Exit codes: 0 fit, with or without remarks; 1 it could not run, or no event was read; 3 not fit.

A file is judged as if it were sent now, or at the end of the --as-of date where that is later (recorded_at may be 24 hours
ahead). --month restricts the findings to pathways that somebody reports in that month: those with a date on which the
patient was told, or a start of treatment, in it (R17), whether or not the clock stopped, for a finding can be what keeps it
from stopping. They then stand under the organisation that reports: who told, who treated, who shares a 62-day wait. Refusals
and codes are told of everything, for they have no month.

JSON (format 1; members may be added, none changes its meaning without another number), one object on one line:
  {"format":1,"verdict":"not_fit","as_of":"2026-06-30","month":null,
   "read":{"since":null,"topics":["referral","diagnosis","treatment"]},
   "records":{"read":9,"changed":7,"repeated":1,"superseded":0,"refused":1},
   "pathways":{"known":3,"judged":3,"with_findings":1,"rejected":1},
   "refusals":[{"source":"RXX/epic","field":"event_id","reason":"head_missing","meaning":"..","what_to_do":"..",
     "count":1,"examples":[{"line":4}]}],
   "unlisted_codes":[{"source":"RXX/epic","field":"priority_type_code","code":"7","what_to_do":"..","count":1,
     "examples":[{"line":2}]}],
   "same_version":[{"source":"RXX/epic","event_type":"first_seen","what_to_do":"..","count":1,"examples":[{"line":6}]}],
   "findings":[{"organisation":null,"source":"RXX/epic","rule":"V05","fields":["treatment_start_date_cancer"],
     "severity":"reject","effect":"31_day_not_counted","effect_meaning":"..","meaning":"..","what_to_do":"..",
     "count":1,"examples":[[{"line":8},{"line":9}]]}]}
The count is of records, in findings of pathways; an example of a finding is all records of one pathway it rests on. From
Kafka an example is {"topic":"cancer.referral","partition":0,"offset":12}."#;

/// Tells whether a file, or what lies on the inputs, is fit to send, and what to mend where
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("from").required(true))]
pub(crate) struct Arguments {
    /// Events as JSON lines; `-` reads standard input
    #[arg(value_name = "FILE.jsonl", group = "from")]
    file: Option<PathBuf>,
    /// Reads the inputs that the settings name, to their ends of now; joins no group and commits nothing
    #[arg(long, group = "from")]
    from_kafka: bool,
    /// From this offset of every partition on, or from what arrived on this London date or at this instant
    #[arg(long, value_name = "OFFSET|TIME", conflicts_with = "file", value_parser = since)]
    since: Option<Asked>,
    /// Only this input: referral, diagnosis or treatment; may be repeated
    #[arg(long, value_name = "TOPIC", conflicts_with = "file", value_parser = given::topic)]
    topic: Vec<Topic>,
    #[command(flatten)]
    settings: Settings,
    /// The date on which the pathways are judged [default: today in London]
    #[arg(long, value_name = "DATE", value_parser = given::day)]
    as_of: Option<Day>,
    /// Only findings of pathways that are reported in this month
    #[arg(long, value_name = "YYYY-MM", value_parser = given::month)]
    month: Option<Month>,
    /// So many examples of everything at most
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(..=1_000))]
    examples: u16,
    /// `text`: for people; `json`: one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where to begin, and how that was put.
#[derive(Clone, Debug)]
struct Asked {
    since: Since,
    words: String,
}

fn since(text: &str) -> Result<Asked, String> {
    let is_offset = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let since = if is_offset {
        text.parse()
            .map(Since::Offset)
            .map_err(|_| "no offset is as great as that".to_owned())
    } else {
        let time = given::since(text).map(Since::Time);
        time.map_err(|expected| format!("{expected}, or an offset such as 1200"))
    };
    since.map(|since| Asked {
        since,
        words: text.to_owned(),
    })
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let calendar = Calendar::london()?;
    let as_of = arguments.as_of.unwrap_or_else(|| calendar.today());
    let validation = match &arguments.file {
        Some(file) => of_file(arguments, file, sent_at(&calendar, as_of))?,
        None => of_feed(arguments)?,
    };
    let question = Question {
        as_of,
        month: arguments.month,
    };
    let mut progress = Progress::new(u64::try_from(validation.pathways())?, "pathways");
    let report = validation.report(&question, || progress.step());
    drop(progress);
    super::until_nobody_reads(print(&report, arguments.format))?;
    Ok(match report.verdict {
        Verdict::Fit | Verdict::FitWithRemarks => Outcome::Done,
        Verdict::NotFit => Outcome::Partial,
    })
}

/// When a file is taken to arrive.
fn sent_at(calendar: &Calendar, as_of: Day) -> Instant {
    let now = Timestamp::now().as_millisecond();
    let end = calendar.end_of(as_of).unwrap_or(now);
    Instant(now.max(end).saturating_mul(1_000))
}

fn of_file(arguments: &Arguments, file: &Path, sent_at: Instant) -> anyhow::Result<Validation> {
    let mut validation = Validation::of_file(arguments.examples.into());
    let input = events_file::open(file)?;
    // Of a pipe the length is not known.
    let length = std::fs::metadata(file)
        .ok()
        .filter(std::fs::Metadata::is_file);
    let mut progress = length.map(|of| Progress::new(of.len(), "bytes"));
    each_line(input, |number, line| {
        if let (Some(progress), Ok(line)) = (&mut progress, line) {
            progress.steps(u64::try_from(line.len()).unwrap_or(0));
        }
        validation.line(number, line, sent_at);
        Ok(())
    })
    .with_context(|| format!("cannot read {}", file.display()))?;
    events_file::ensure_events(file, validation.records())?;
    Ok(validation)
}

fn of_feed(arguments: &Arguments) -> anyhow::Result<Validation> {
    let config = arguments.settings.load()?;
    let meant = |topic: &Topic| arguments.topic.is_empty() || arguments.topic.contains(topic);
    let topics: Vec<Topic> = Topic::ALL.into_iter().filter(meant).collect();
    let since = arguments.since.as_ref();
    let reading = Reading {
        since: since.map(|asked| asked.words.clone()),
        topics: topics.iter().map(|topic| topic.name()).collect(),
    };
    let examples = arguments.examples.into();
    let mut validation = Validation::of_feed(config.kafka.topics.clone(), reading, examples);
    let clients = Clients::new(config.kafka);
    let inputs = Inputs::open(&clients, &topics, since.map(|asked| asked.since))?;
    let mut registry = Registry::of(&config.registry);
    let mut progress = Progress::new(inputs.length(), "records");
    inputs.read(&mut registry, &mut validation, |passed| {
        progress.steps(passed);
    })?;
    if validation.records() == 0 {
        anyhow::bail!(
            "no record was read: nothing lies on these inputs, or nothing since then; look at kafka.topics, --topic and --since"
        );
    }
    Ok(validation)
}

fn print(report: &Report, format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => {
            serde_json::to_writer(&mut out, report)?;
            writeln!(out)?;
        }
        Format::Text => write!(out, "{report}")?,
    }
    out.flush()
}
