//! The report for people.

use super::report::{Found, Report, Shown, Verdict};
use clockstop_pipeline::Topic;
use std::fmt::{self, Display, Formatter};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.tell_verdict(f)?;
        self.tell_scope(f)?;
        if !self.refusals.is_empty() {
            heading(f, "Refused: these records would become dead letters")?;
        }
        for row in &self.refusals {
            let field = row.field.filter(|field| !row.meaning.contains(field));
            let field = field.map_or_else(String::new, |field| format!("{field}, "));
            let source = named(row.source.as_deref());
            let what = format!("{field}{}: {}", row.reason, row.meaning);
            entry(f, row.count, &source, &what)?;
            under(f, &listed(&row.examples), row.what_to_do)?;
        }
        if !self.findings.is_empty() {
            heading(f, "Findings: pathways with what does not fit, kept as sent")?;
        }
        for row in &self.findings {
            tell_finding(f, row)?;
        }
        if !self.unlisted_codes.is_empty() {
            heading(f, "Codes that are not on their list")?;
        }
        for row in &self.unlisted_codes {
            let code = row.code.as_deref();
            let code = code.unwrap_or("a text that is longer than a code, or no code");
            entry(f, row.count, &row.source, &format!("{}: {code}", row.field))?;
            under(f, &listed(&row.examples), row.what_to_do)?;
        }
        if !self.same_version.is_empty() {
            heading(f, "Records of one version that say different things")?;
        }
        for row in &self.same_version {
            entry(f, row.count, &row.source, row.event_type)?;
            under(f, &listed(&row.examples), row.what_to_do)?;
        }
        Ok(())
    }
}

impl Report {
    fn tell_verdict(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Verdict::Fit => writeln!(f, "fit to send: nothing was found"),
            Verdict::FitWithRemarks => writeln!(
                f,
                "fit with remarks: nothing is refused; {} of {} pathways have findings to look at, {} codes are on no list",
                self.pathways.with_findings,
                self.pathways.judged,
                self.unlisted_codes.iter().map(|row| row.count).sum::<u64>()
            ),
            Verdict::NotFit => writeln!(
                f,
                "not fit to send: {} of {} records are refused, {} of {} pathways have findings that an upload refuses",
                self.records.refused,
                self.records.read,
                self.pathways.rejected,
                self.pathways.judged
            ),
        }
    }

    fn tell_scope(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "judged on {}: {} records changed what is known of {} pathways, {} were repeated, {} superseded",
            self.as_of,
            self.records.changed,
            self.pathways.known,
            self.records.repeated,
            self.records.superseded
        )?;
        if let Some(month) = &self.month {
            writeln!(
                f,
                "findings only of the {} pathways with a day of being told or a treatment start in {month}, under who reports them; refusals and codes of everything",
                self.pathways.judged
            )?;
        }
        let is_part = self.read.since.is_some() || self.read.topics.len() < Topic::ALL.len();
        if is_part {
            let since = self.read.since.as_deref().unwrap_or("the beginning");
            writeln!(
                f,
                "read since {since} of {}: what else was sent is not known here, so a missing report (V16, V25, V27, V29) may only lie outside",
                self.read.topics.join(", ")
            )?;
        }
        Ok(())
    }
}

fn tell_finding(f: &mut Formatter<'_>, row: &Found) -> fmt::Result {
    let organisation = row.organisation.as_deref();
    let organisation = organisation.map_or_else(String::new, |own| format!("{own}, "));
    let source = format!("{organisation}{}", named(row.source.as_deref()));
    let what = format!(
        "{} {}: {}; {}",
        row.rule, row.severity, row.meaning, row.effect_meaning
    );
    entry(f, row.count, &source, &what)?;
    writeln!(f, "          fields: {}", row.fields.join(", "))?;
    let pathways = row.examples.iter().map(|places| listed(places));
    under(f, &pathways.collect::<Vec<_>>().join("; "), row.what_to_do)
}

fn heading(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "\n{text}")
}

/// What a source wrote may not steer the terminal.
fn entry(f: &mut Formatter<'_>, count: u64, source: &str, what: &str) -> fmt::Result {
    let source: String = source.chars().flat_map(shown).collect();
    writeln!(f, "{count:>8}  {source}  {what}")
}

fn shown(c: char) -> impl Iterator<Item = char> {
    let plain = (!c.is_control()).then_some(c);
    let escaped = c.is_control().then(|| c.escape_default());
    plain.into_iter().chain(escaped.into_iter().flatten())
}

fn under(f: &mut Formatter<'_>, examples: &str, what_to_do: &str) -> fmt::Result {
    if !examples.is_empty() {
        writeln!(f, "          at {examples}")?;
    }
    writeln!(f, "          {what_to_do}")
}

fn named(source: Option<&str>) -> String {
    source.unwrap_or("source not known").to_owned()
}

fn listed(places: &[Shown]) -> String {
    let word = match places {
        [Shown::Line { .. }] => "line ",
        [Shown::Line { .. }, ..] => "lines ",
        [] | [Shown::Record { .. }, ..] => "",
    };
    let all = places.iter().map(|place| match place {
        Shown::Line { line } => line.to_string(),
        Shown::Record {
            topic,
            partition,
            offset,
        } => format!("{topic}/{partition}/{offset}"),
    });
    format!("{word}{}", all.collect::<Vec<_>>().join(", "))
}
