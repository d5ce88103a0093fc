//! `clockstop demo`: everything in one process, to be watched.

use super::Outcome;
use super::generate::INVENTED;
use super::terminal::Terminal;
use anyhow::Context;
use clockstop::demo::{Play, Screen, Script, Stage};
use clockstop_pipeline::Day;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Plays months of a synthetic feed through the real service in about a minute, to be watched
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop demo\n  clockstop demo --exit --until 2026-06-30 --format json"
)]
pub(crate) struct Arguments {
    /// Referrals, those of the stock it begins with included
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pathways: u64,
    /// Decides everything that is left to chance
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many days are played
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// The last day; the same day gives the same figures anywhere [default: today]
    #[arg(long, value_name = "DATE", value_parser = super::given::day)]
    until: Option<Day>,
    /// Runs on this broker instead of the one that comes with the demo, on topics of its own
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// Ends after the last day instead of serving until Ctrl-C
    #[arg(long)]
    exit: bool,
    /// How the figures are printed at the end
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where keys and Parquet go [default: a new temporary folder]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, with a live view on the way
    Text,
    /// One JSON object, and nothing on the way
    Json,
}

/// On a terminal all days together take about so long, so that they can be followed.
const WATCHED_FOR: Duration = Duration::from_mins(1);
/// Elsewhere a line is printed once in so many days.
const LINE_EVERY: u32 = 10;
const WAIT_FOR_SIGNAL: Duration = Duration::from_millis(200);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let stopped = stopped_by_signal().context("cannot listen for signals")?;
    let script = Script {
        pathways: arguments.pathways,
        seed: arguments.seed,
        until: match arguments.until {
            Some(day) => day,
            None => super::today()?,
        },
        days: arguments.days,
    };
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => tempfile::Builder::new()
            .prefix("clockstop-demo-")
            .tempdir()?
            .keep(),
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let stage = match &arguments.bootstrap {
        None => Stage::embedded(&folder)?,
        Some(bootstrap) => {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            Stage::on_broker(bootstrap, &name, &folder)?
        }
    };
    let mut show = Show::new(arguments, script);
    show.opening(&stage)?;
    let mut play = Play::begin(script, stage)?;
    show.day(&mut play, 0)?;
    while !stopped.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let before = play.figures().events.read();
        if !play.play_day()? {
            break;
        }
        let read = play.figures().events.read() - before;
        show.day(&mut play, read)?;
        show.pause(begun);
    }
    play.audit()?;
    show.exit |= stopped.load(Ordering::Relaxed);
    play.publish()?;
    show.summary(&play)?;
    while !arguments.exit && !stopped.load(Ordering::Relaxed) {
        std::thread::sleep(WAIT_FOR_SIGNAL);
    }
    play.end();
    Ok(Outcome::Done)
}

fn stopped_by_signal() -> io::Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The second signal ends the process on the spot.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stopped))?;
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    Ok(stopped)
}

/// What is printed, and where.
struct Show {
    script: Script,
    format: Format,
    /// `None` where standard output is no terminal.
    terminal: Option<Terminal>,
    exit: bool,
}

impl Show {
    fn new(arguments: &Arguments, script: Script) -> Self {
        let watched = arguments.format == Format::Text && io::stdout().is_terminal();
        Self {
            script,
            format: arguments.format,
            terminal: watched.then(Terminal::new),
            exit: arguments.exit,
        }
    }

    fn opening(&self, stage: &Stage) -> io::Result<()> {
        if self.format == Format::Json {
            return Ok(());
        }
        let config = &stage.config;
        let (broker, registry) = (&config.kafka.bootstrap, &config.registry.url);
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "clockstop demo: {} synthetic pathways, {} days up to {}",
            self.script.pathways, self.script.days, self.script.until
        )?;
        writeln!(out, "{INVENTED}")?;
        writeln!(
            out,
            "broker {broker}, schema registry {registry}: your own producer may join\n"
        )
    }

    fn day(&mut self, play: &mut Play, today: u64) -> io::Result<()> {
        if self.format == Format::Json {
            return Ok(());
        }
        let latest = play.latest().to_vec();
        let screen = self.screen(play, today, &latest);
        match &mut self.terminal {
            Some(terminal) => terminal.draw(&screen.frame()),
            None if play.figures().days.is_multiple_of(LINE_EVERY) => {
                writeln!(io::stdout(), "{}", screen.line())
            }
            None => Ok(()),
        }
    }

    /// Nobody can follow a day that is over in an instant.
    fn pause(&self, begun: Instant) {
        if self.terminal.is_some() {
            let day = WATCHED_FOR / self.script.days.max(1);
            std::thread::sleep(day.saturating_sub(begun.elapsed()));
        }
    }
}

impl Show {
    fn summary(&self, play: &Play) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.format == Format::Json {
            return writeln!(out, "{}", play.figures().json());
        }
        if self.terminal.is_none() {
            write!(out, "\n{}", self.screen(play, 0, &[]).tables())?;
        } else {
            writeln!(out)?;
        }
        let figures = play.figures();
        let events = &figures.events;
        let (day, read) = (figures.day, events.read());
        writeln!(
            out,
            "{} days up to {day} are played: {read} records read,",
            figures.days
        )?;
        writeln!(
            out,
            "{} changed what is known, {} were repeated, {} superseded, {} refused.",
            events.changed, events.repeated, events.superseded, events.dead_lettered,
        )?;
        self.look_further(play, &mut out)?;
        if self.exit {
            return Ok(());
        }
        writeln!(out, "\nThe service goes on until Ctrl-C.")
    }

    fn look_further(&self, play: &Play, out: &mut impl Write) -> io::Result<()> {
        let file = play.events_file().display();
        let day = play.figures().day;
        writeln!(out, "\nTo look further:")?;
        if let Some(pathway) = play.breached() {
            writeln!(
                out,
                "  clockstop explain {pathway} --file {file} --as-of {day}"
            )?;
        }
        let clocks = play
            .stage()
            .config
            .snapshots
            .analyst
            .folder
            .join("current/clocks/*.parquet");
        let sql = format!(
            "SELECT standard, state, count(*) FROM '{}' GROUP BY ALL ORDER BY ALL",
            clocks.display()
        );
        writeln!(out, "  duckdb -c \"{sql}\"")?;
        writeln!(out, "  clockstop assess {file} --as-of {day} --format json")?;
        if self.exit {
            return Ok(());
        }
        let config = &play.stage().config;
        let (broker, registry) = (&config.kafka.bootstrap, &config.registry.url);
        let http = play.running().http();
        writeln!(
            out,
            "  python3 tests/clients/read_alerts.py {broker} {registry}"
        )?;
        writeln!(out, "  curl http://{http}/metrics")
    }

    fn screen<'a>(&self, play: &'a Play, today: u64, latest: &'a [String]) -> Screen<'a> {
        let config = &play.stage().config;
        Screen {
            figures: play.figures(),
            days: self.script.days,
            today,
            latest,
            broker: &config.kafka.bootstrap,
            registry: &config.registry.url,
        }
    }
}
