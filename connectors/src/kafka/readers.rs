//! The few readers of logs that all partitions of a process share.

use super::client::{self, Clients};
use super::logs::{ASK_LIMIT, Error, Logs, failed};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Each is two clients with threads and a connection of their own.
const KEPT_READERS: usize = 4;
/// What a reader does for a partition takes some tens of milliseconds where nothing is in its way. One that takes longer
/// keeps nobody else waiting.
const READER_PATIENCE: Duration = Duration::from_millis(250);

/// Readers that serve one partition after another. A new one has to find and greet the broker first, which costs more
/// than to wait for another partition's turn with one that is there.
#[derive(Clone)]
pub(crate) struct Readers {
    clients: Clients,
    pool: Arc<Pool<Logs>>,
}

struct Pool<R> {
    kept: Mutex<Kept<R>>,
    freed: Condvar,
}

struct Kept<R> {
    free: Vec<R>,
    /// How many there are, free or not.
    count: usize,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    pub(crate) fn new(clients: Clients) -> Self {
        let pool = Arc::new(Pool::new());
        Self { clients, pool }
    }

    fn open(&self) -> Result<Logs, Error> {
        let logs = Logs::to_any(&self.clients)?;
        let topic = &self.clients.settings().topics.alert;
        for client in logs.clients() {
            let greeted = client::greet(client, topic, ASK_LIMIT);
            greeted.map_err(|source| failed(topic, logs.partition, source))?;
        }
        Ok(logs)
    }

    /// Opens readers beforehand, while whoever needs them still waits for something else.
    pub(crate) fn prepare(&self) -> std::io::Result<()> {
        let readers = self.clone();
        let open = move || {
            while let Some(mut turn) = readers.pool.unopened() {
                match readers.open() {
                    Ok(logs) => turn.reader = Some(logs),
                    Err(error) => {
                        tracing::debug!(%error, "readers are opened when they are needed");
                        return;
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("readers".to_owned());
        thread.spawn(open).map(drop)
    }

    /// Lets the logs of a partition be read. A reader that failed does not serve again.
    pub(super) fn with<T>(
        &self,
        partition: i32,
        read: impl FnOnce(&mut Logs) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut turn = self.pool.turn(READER_PATIENCE);
        let mut logs = match turn.reader.take() {
            Some(logs) => logs,
            None => self.open()?,
        };
        logs.turn_to(partition);
        let done = read(&mut logs)?;
        turn.reader = Some(logs);
        Ok(done)
    }
}

impl<R> Pool<R> {
    const fn new() -> Self {
        let kept = Kept {
            free: Vec::new(),
            count: 0,
        };
        Self {
            kept: Mutex::new(kept),
            freed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept<R>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to make one of those that are kept, while there are fewer.
    fn unopened(&self) -> Option<Turn<'_, R>> {
        let mut kept = self.lock();
        (kept.count < KEPT_READERS).then(|| {
            kept.count += 1;
            self.of(None, true)
        })
    }

    const fn of(&self, reader: Option<R>, is_kept: bool) -> Turn<'_, R> {
        Turn {
            pool: self,
            reader,
            is_kept,
        }
    }

    /// A reader that is free or becomes it in time, or leave to make one.
    fn turn(&self, patience: Duration) -> Turn<'_, R> {
        let until = Instant::now() + patience;
        let mut kept = self.lock();
        loop {
            if let Some(reader) = kept.free.pop() {
                return self.of(Some(reader), true);
            }
            if kept.count < KEPT_READERS {
                kept.count += 1;
                return self.of(None, true);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return self.of(None, false);
            }
            let woken = self.freed.wait_timeout(kept, left);
            kept = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The use of one reader; when it ends, the next has its turn. One that is not put back is made anew.
struct Turn<'p, R> {
    pool: &'p Pool<R>,
    reader: Option<R>,
    is_kept: bool,
}

impl<R> Drop for Turn<'_, R> {
    fn drop(&mut self) {
        if !self.is_kept {
            return;
        }
        let mut kept = self.pool.lock();
        match self.reader.take() {
            Some(reader) => kept.free.push(reader),
            None => kept.count -= 1,
        }
        drop(kept);
        self.pool.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_READERS, Pool};
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_mins(1);

    #[test]
    fn a_reader_serves_one_after_another_and_a_failed_one_no_more() {
        let pool = Pool::new();
        let mut turn = pool.turn(LIMIT);
        assert_eq!(turn.reader.replace("first"), None);
        drop(turn);
        let mut turn = pool.turn(LIMIT);
        assert_eq!(turn.reader.take(), Some("first"));
        // It failed: nothing is put back.
        drop(turn);
        assert_eq!(pool.turn(LIMIT).reader, None);
        assert_eq!(pool.lock().count, 0);
    }

    #[test]
    fn only_readers_that_are_kept_are_made_beforehand() {
        let pool = Pool::new();
        let mut made = 0;
        while let Some(mut turn) = pool.unopened() {
            turn.reader = Some(made);
            made += 1;
            assert!(made <= KEPT_READERS, "they are counted");
        }
        assert_eq!(pool.lock().free.len(), KEPT_READERS);
        assert!(pool.turn(LIMIT).reader.is_some());
    }

    #[test]
    fn who_finds_all_taken_has_the_first_that_is_freed() {
        let pool = Pool::new();
        let taken: Vec<_> = (0..KEPT_READERS).map(|_| pool.turn(LIMIT)).collect();
        std::thread::scope(|scope| {
            let next = scope.spawn(|| pool.turn(LIMIT).reader.take());
            for (number, mut turn) in taken.into_iter().enumerate() {
                turn.reader = Some(number);
                drop(turn);
            }
            let had = next.join().expect("a turn");
            assert!(had.is_some_and(|number| number < KEPT_READERS));
        });
    }

    #[test]
    fn who_waits_too_long_makes_one_that_is_not_kept() {
        let pool = Pool::new();
        let taken: Vec<_> = (0..KEPT_READERS).map(|_| pool.turn(LIMIT)).collect();
        let mut further = pool.turn(Duration::ZERO);
        assert_eq!(further.reader.replace("further"), None);
        drop(further);
        let kept = pool.lock();
        assert_eq!((kept.free.len(), kept.count), (0, KEPT_READERS));
        drop(kept);
        drop(taken);
        assert_eq!(pool.lock().count, 0);
    }
}
