//! Threads whose work may take its time: checkpoints, closed days, snapshots. Where cores are few they would
//! delay the loops and the transactions of alerts, and on a small machine the broker.

use std::io;
use std::thread::{Builder, JoinHandle};

/// How far they stand back, on the scale of `nice`: all the way. At 10 they still have a tenth of a busy core, and alerts
/// and the broker wait for it.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// Drops what takes long to drop, such as all pathways of a partition, on a thread that stands back.
pub(crate) fn drop_aside(large: impl Send + 'static) -> io::Result<JoinHandle<()>> {
    let dropping = Builder::new().name("drop".to_owned());
    dropping.spawn(move || {
        stand_back();
        drop(large);
    })
}

/// Lets the calling thread stand back behind those that somebody waits for.
pub(crate) fn stand_back() {
    // On Linux a priority is a thread's; elsewhere it would be that of the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a background thread keeps its priority");
    }
}
