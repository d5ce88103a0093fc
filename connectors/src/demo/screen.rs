//! What a person sees of the demo while it runs.

use super::figures::Figures;
use crate::digits::grouped;
use clockstop_pipeline::{Alert, Level, Standard, Transition};
use core::fmt::Write;

/// How many of the latest transitions are shown.
pub const LATEST: usize = 7;
const BAR: u32 = 30;

/// Everything on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    /// How the last day ended.
    pub figures: &'a Figures,
    /// How many days there will be.
    pub days: u32,
    /// Records read on the last day.
    pub today: u64,
    /// The latest transitions, the newest last, one line each.
    pub latest: &'a [String],
    /// How to join.
    pub broker: &'a str,
    /// How to join.
    pub registry: &'a str,
}

impl Screen<'_> {
    /// The whole screen, for a terminal of 80 columns.
    #[must_use]
    pub fn frame(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        self.draw(&mut out).unwrap_or_default();
        out
    }

    /// What stands and what has happened.
    #[must_use]
    pub fn tables(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let drawn = self.standing(&mut out);
        drawn
            .and_then(|()| self.happened(&mut out))
            .unwrap_or_default();
        out
    }

    fn draw(&self, out: &mut String) -> core::fmt::Result {
        let Figures {
            day, days, events, ..
        } = self.figures;
        let done = (BAR * days).checked_div(self.days).unwrap_or(BAR).min(BAR);
        write!(out, " {day}   day {days:>3} of {}   ", self.days)?;
        (0..BAR).try_for_each(|i| out.write_char(if i < done { '█' } else { '·' }))?;
        writeln!(out, "\n")?;
        let (pathways, open) = (self.figures.pathways, self.figures.open);
        writeln!(
            out,
            " events    {:>9} read, {} on this day",
            grouped(events.read()),
            grouped(self.today)
        )?;
        writeln!(
            out,
            " pathways  {:>9} known, {} open\n",
            grouped(pathways),
            grouped(open)
        )?;
        self.standing(out)?;
        self.happened(out)?;
        writeln!(out, " latest")?;
        for line in self.latest {
            writeln!(out, "   {line}")?;
        }
        for _ in self.latest.len()..LATEST {
            writeln!(out)?;
        }
        writeln!(
            out,
            "\n broker {}   registry {}   Ctrl-C ends",
            self.broker, self.registry
        )
    }

    fn standing(&self, out: &mut String) -> core::fmt::Result {
        write!(out, " {:<16}", "alerts standing")?;
        for level in Level::ALL {
            write!(out, "{:>12}", level.name().replace('_', " "))?;
        }
        writeln!(out)?;
        for standard in Standard::ALL {
            write!(out, "   {:<14}", described(standard))?;
            for level in Level::ALL {
                let count = self.figures.alerts.standing(standard, level);
                write!(out, "{:>12}", shown(count))?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }

    fn happened(&self, out: &mut String) -> core::fmt::Result {
        let alerts = &self.figures.alerts;
        let counted = Transition::ALL.map(|transition| {
            format!(
                "{} {}",
                transition.name(),
                grouped(alerts.happened_in_all(transition))
            )
        });
        let (first, second) = counted.split_at(4);
        writeln!(out, " so far   {}", first.join(", "))?;
        writeln!(out, "          {}\n", second.join(", "))
    }

    /// One line, for where there is no terminal.
    #[must_use]
    pub fn line(&self) -> String {
        let Figures {
            day,
            days,
            events,
            open,
            alerts,
            ..
        } = self.figures;
        let breached: u64 = Standard::ALL
            .iter()
            .flat_map(|&s| [(s, Level::Breached), (s, Level::LongWait)])
            .map(|(standard, level)| alerts.standing(standard, level))
            .sum();
        let standing: u64 = Standard::ALL
            .iter()
            .flat_map(|&s| Level::ALL.map(|level| alerts.standing(s, level)))
            .sum();
        format!(
            "{day}  day {days:>3}/{} {:>9} events {:>6} open {:>6} alerts, {} breached",
            self.days,
            grouped(events.read()),
            grouped(*open),
            grouped(standing),
            grouped(breached),
        )
    }
}

/// One transition, for people: what happened to which clock, where it stands or how it came out.
#[must_use]
pub fn transition_line(alert: &Alert) -> String {
    let content = &alert.content;
    let state = match (content.level, content.within, content.reason) {
        (Some(level), _, _) => level.name(),
        (None, Some(true), _) => "within the standard",
        (None, Some(false), _) => "a breach",
        (None, None, Some(reason)) => reason.name(),
        (None, None, None) => "",
    };
    let days = alert
        .days
        .map_or(String::new(), |days| format!("day {days}"));
    let organisation = content.organisation.as_deref().unwrap_or_default();
    format!(
        "{:<10}{:<4} {:<20}{days:<8}{organisation:<4}{}",
        alert.transition.name(),
        alert.standard.name(),
        state.replace('_', " "),
        alert.pathway,
    )
}

const fn described(standard: Standard) -> &'static str {
    match standard {
        Standard::Fds => "FDS  28 days",
        Standard::SixtyTwoDay => "62D  62 days",
        Standard::ThirtyOneDay => "31D  31 days",
    }
}

fn shown(count: u64) -> String {
    if count == 0 {
        "·".to_owned()
    } else {
        grouped(count)
    }
}
