//! Waiting for something outside the test, with a limit.

use std::thread;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks `probe` again and again until it answers; panics with `what` and its last refusal when `limit` is over.
pub(crate) fn until<T>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match probe() {
            Ok(answer) => return answer,
            Err(refusal) => {
                assert!(
                    Instant::now() < deadline,
                    "waited {limit:?} for {what}; last: {refusal}"
                );
                thread::sleep(PAUSE);
            }
        }
    }
}
