//! Log lines: one per thing an operator would act on, and never patient data.

use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FromEnvError;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// The variable that chooses what is logged, in the form of `tracing`'s filters.
const FILTER: &str = "RUST_LOG";

/// Why nothing is logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter is none.
    #[error("{FILTER}: {0}; set it to a level such as info or debug, or unset it")]
    Filter(#[from] FromEnvError),
    /// It was started before.
    #[error("log lines are sent already")]
    Started(#[from] TryInitError),
}

/// Sends log lines to standard error.
///
/// # Errors
/// When the variable holds no filter, or that was done before.
pub fn start(format: LogFormat) -> Result<(), Error> {
    let filter = match std::env::var_os(FILTER) {
        None => EnvFilter::new("info"),
        Some(_) => EnvFilter::try_from_env(FILTER)?,
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.finish().try_init()?,
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}
