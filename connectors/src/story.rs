//! A pathway told to a person: its clocks on a line each, what is due next, and the rules behind it.

use clockstop_pipeline::{
    Cause, Clock, Day, EventType, Findings, Instant, Reason, Row, RuleSet, Running, State, Stopped,
    Text,
};
use std::fmt;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The clocks, with the names of their rules.
    Short,
    /// What each rule says and the reports it rests on, too.
    Traced,
}

/// The story of one pathway; `findings` are complete for its patient.
#[derive(Debug)]
pub struct Story<'a> {
    /// The pathway.
    pub row: &'a Row<'a>,
    /// Its findings.
    pub findings: Findings,
    /// How much is told.
    pub detail: Detail,
}

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let assessment = &self.row.assessment;
        writeln!(
            f,
            "{}  {}  as of {}",
            self.row.pathway,
            assessment.route.name(),
            assessment.as_of,
        )?;
        if assessment.clocks.is_empty() {
            writeln!(
                f,
                "  no clock: this route has no standard and nothing was decided"
            )?;
        }
        for clock in &assessment.clocks {
            self.tell_clock(f, clock)?;
        }
        for allocation in &assessment.allocation {
            write!(f, "  shared   {:<6}", allocation.method.name())?;
            for share in &allocation.shares {
                let patients = f64::from(share.half_patients) / 2.0;
                let breaches = f64::from(share.half_breaches) / 2.0;
                let organisation = self.spell(share.organisation);
                write!(f, "  {organisation}: {patients} patient, {breaches} breach")?;
            }
            writeln!(f)?;
        }
        for finding in self.findings.iter() {
            writeln!(f, "  finding  {finding}  {}", finding.title())?;
        }
        Ok(())
    }
}

impl Story<'_> {
    fn spell(&self, text: Text) -> String {
        self.row.texts().read(text).as_str().to_owned()
    }

    fn tell_clock(&self, f: &mut fmt::Formatter<'_>, clock: &Clock) -> fmt::Result {
        let item = clock.item().map(|item| self.spell(item));
        let name = match item {
            Some(item) => format!("{} {item}", clock.standard.name()),
            None => clock.standard.name().to_owned(),
        };
        write!(f, "  {name:<10} {}", told(&clock.state))?;
        if let Some(level) = clock.level {
            let responsible = clock.responsible.map(|text| self.spell(text));
            let responsible = responsible.unwrap_or_else(|| "unknown".to_owned());
            write!(f, "; alert {} for {responsible}", level.name())?;
        }
        match self.detail {
            Detail::Short => {
                let rules: Vec<_> = clock.rules.names().collect();
                writeln!(f, "  [{}]", rules.join(" "))
            }
            Detail::Traced => {
                writeln!(f)?;
                trace(f, clock.rules, &self.row.causes(clock))
            }
        }
    }
}

fn trace(f: &mut fmt::Formatter<'_>, rules: RuleSet, causes: &[(Cause, EventType)]) -> fmt::Result {
    for (rule, title) in rules.titles() {
        writeln!(f, "      {rule:<4} {title}")?;
    }
    for (cause, event_type) in causes {
        writeln!(
            f,
            "      {} from {}, recorded {}",
            event_type.name(),
            cause.source,
            Recorded(cause.version.recorded_at),
        )?;
    }
    Ok(())
}

fn told(state: &State) -> String {
    match state {
        State::NotStarted => "not started".to_owned(),
        State::Running(running) => told_running(running),
        State::Stopped(stopped) => told_stopped(stopped),
        State::Ended(ended) => {
            format!("ended     {}, started {}", ended.reason.name(), ended.start)
        }
    }
}

fn told_running(running: &Running) -> String {
    let due = if running.days_left < 0 {
        format!(
            "breached since {}, {} over",
            running.last_compliant.plus(1),
            days(-running.days_left)
        )
    } else {
        format!(
            "due by {}, {} left",
            running.last_compliant,
            days(running.days_left)
        )
    };
    let frozen = running
        .frozen_at
        .map_or_else(String::new, |on: Day| format!(", frozen on {on}"));
    format!(
        "running   day {}{}{frozen}: {due}{}",
        running.wait.days(),
        less(running.wait.adjustment),
        uncounted(running.counting.reason().map(Reason::name)),
    )
}

fn told_stopped(stopped: &Stopped) -> String {
    let verdict = if stopped.within { "within" } else { "breach" };
    format!(
        "stopped   {} on day {}{}, {} (limit {}){}",
        stopped.stop,
        stopped.wait.days(),
        less(stopped.wait.adjustment),
        verdict,
        stopped.last_compliant,
        uncounted(stopped.counting.reason().map(Reason::name)),
    )
}

fn less(adjustment: i32) -> String {
    if adjustment == 0 {
        String::new()
    } else {
        format!(" (less {})", days(adjustment))
    }
}

fn uncounted(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(", {reason}"))
}

fn days(count: i32) -> String {
    if count == 1 {
        "1 day".to_owned()
    } else {
        format!("{count} days")
    }
}

/// An instant as RFC 3339 in UTC.
struct Recorded(Instant);

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => write!(f, "at an impossible time"),
        }
    }
}
