//! Waiting for something outside the test, with a limit.

use std::thread;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks `probe` again and again until it answers; panics with `what` and its last refusal when `limit` is over.
pub(crate) fn until<T>(what: &str, limit: Duration, probe: impl FnMut() -> Result<T, String>) -> T {
    within(limit, probe)
        .unwrap_or_else(|refusal| panic!("waited {limit:?} for {what}; last: {refusal}"))
}

/// Asks `probe` likewise; gives back its last refusal when `limit` is over.
pub(crate) fn within<T>(
    limit: Duration,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let deadline = Instant::now() + limit;
    loop {
        match probe() {
            Ok(answer) => return Ok(answer),
            Err(refusal) if Instant::now() >= deadline => return Err(refusal),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}
