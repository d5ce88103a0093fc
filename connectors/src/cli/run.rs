//! `clockstop run`: the service.

use super::Outcome;
use super::settings::Settings;
use anyhow::Context;
use clockstop::calendar::Calendar;
use clockstop::judge::BrokerTime;
use clockstop::reference;
use clockstop::service::{self, Setup};
use clockstop::telemetry;
use clockstop::worker::Pace;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Runs the service until SIGTERM or SIGINT
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clockstop run --config /etc/clockstop/clockstop.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let config = arguments.settings.load()?;
    telemetry::start(config.log).context("cannot start logging")?;
    let reference = reference::load(config.reference.as_deref())?;
    let mut signals = signals().context("cannot listen for signals")?;
    let running = service::start(Setup {
        config,
        reference,
        calendar: Calendar::london()?,
        broker_time: BrokerTime::Checked,
        pace: Pace::default(),
    })?;
    let signal = signals.forever().next();
    tracing::info!(?signal, "draining; a second signal ends at once");
    running.drain();
    Ok(Outcome::Done)
}

/// The first signal is handed out, the second ends the process on the spot.
fn signals() -> std::io::Result<Signals> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register_conditional_shutdown(signal, 1, stopping.clone())?;
        flag::register(signal, stopping.clone())?;
    }
    Signals::new([SIGTERM, SIGINT])
}
