//! Programs under test: start them, feed them, read what they say, signal them, and never wait without a limit.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::wait;

const DEFAULT_LIMIT: Duration = Duration::from_mins(1);
const EXIT_LIMIT: Duration = Duration::from_secs(10);

/// The built `clockstop` binary with these arguments, started by [`Invocation::run`] or [`Invocation::spawn`].
pub(crate) fn clockstop<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Invocation {
    Invocation::of(env!("CARGO_BIN_EXE_clockstop"), arguments)
}

/// Panics with the Debian package's name unless `program` runs.
pub(crate) fn require(program: &str, argument: &str, package: &str) {
    let run = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .output();
    assert!(
        run.is_ok_and(|run| run.status.success()),
        "these tests need `{program}`, which does not run here; on Debian: apt-get install {package}"
    );
}

/// A program, its arguments and its surroundings, not yet started.
pub(crate) struct Invocation {
    command: Command,
    input: Vec<u8>,
    limit: Duration,
}

impl Invocation {
    /// Any program.
    pub(crate) fn of<S: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self {
            command,
            input: Vec::new(),
            limit: DEFAULT_LIMIT,
        }
    }

    /// Adds one argument.
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in this folder.
    pub(crate) fn directory(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Feeds these bytes to standard input, which then ends.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// How long [`Invocation::run`] waits before it kills the program and panics (60 s unless set).
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs to the end.
    pub(crate) fn run(self) -> Finished {
        let limit = self.limit;
        self.spawn().wait(limit)
    }

    /// Starts in the background; killed when the handle is dropped.
    pub(crate) fn spawn(mut self) -> Running {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| {
            panic!(
                "cannot start {}: {error}",
                self.command.get_program().display()
            )
        });
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let input = self.input;
        thread::spawn(move || match stdin.write_all(&input) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                panic!("cannot feed the program: {error}")
            }
            Ok(()) | Err(_) => {}
        });
        let stdout = Transcript::follow(child.stdout.take().expect("stdout is piped"));
        let stderr = Transcript::follow(child.stderr.take().expect("stderr is piped"));
        Running {
            child,
            stdout,
            stderr,
        }
    }
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// The exit code; `None` when a signal ended the program.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Panics with all output unless the program exited with `code`.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code(),
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// A signal a test sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    Term,
    Int,
    Kill,
    Stop,
    Continue,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// A program running in the background.
pub(crate) struct Running {
    child: Child,
    stdout: Arc<Transcript>,
    stderr: Arc<Transcript>,
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All it has written to standard output, which may still grow.
    pub(crate) fn stdout(&self) -> &Transcript {
        &self.stdout
    }

    /// All it has written to standard error, which may still grow.
    pub(crate) fn stderr(&self) -> &Transcript {
        &self.stderr
    }

    /// Sends a signal to this process alone. It is not reaped yet, so its id cannot mean another process.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.pid().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal.name(), &pid])
            .status();
        assert!(
            sent.expect("run sh").success(),
            "cannot send {signal:?} to {pid}"
        );
    }

    /// SIGKILL without the detour of a signal's name; returns when the process is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("kill the program");
        self.child.wait().expect("reap the program");
    }

    /// Waits for the end; past `limit` kills it and panics with what it wrote.
    pub(crate) fn wait(mut self, limit: Duration) -> Finished {
        let deadline = Instant::now() + limit;
        let ended = self.stdout.wait_for_end(deadline) && self.stderr.wait_for_end(deadline);
        assert!(
            ended,
            "still running after {limit:?}\nstdout:\n{}\nstderr:\n{}",
            self.stdout.text(),
            self.stderr.text()
        );
        let status = wait::until("the program's exit", EXIT_LIMIT, || {
            match self.child.try_wait() {
                Ok(Some(status)) => Ok(status),
                Ok(None) => Err("closed its output but runs on".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        });
        Finished {
            status,
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().expect("kill the program under test");
            self.child.wait().expect("reap the program under test");
        }
    }
}

/// One output stream of a program, filled by a thread of its own.
pub(crate) struct Transcript {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Transcript {
    fn follow(mut stream: impl Read + Send + 'static) -> Arc<Self> {
        let transcript = Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let filled = Arc::clone(&transcript);
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = stream.read(&mut buffer).unwrap_or(0);
                let mut state = filled.lock();
                state.bytes.extend(buffer.iter().take(read));
                state.ended = read == 0;
                filled.changed.notify_all();
                if state.ended {
                    return;
                }
            }
        });
        transcript
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no thread panics while it holds the transcript")
    }

    /// Everything written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    /// The first complete line, of those already written and those to come, that satisfies `matches`.
    #[track_caller]
    pub(crate) fn wait_for_line(&self, limit: Duration, matches: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            let text = String::from_utf8_lossy(&state.bytes).into_owned();
            let complete = text
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'));
            if let Some(line) = complete.map(str::to_owned).find(|line| matches(line)) {
                return line;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !state.ended,
                "no such line after {limit:?}, ended: {}; so far:\n{text}",
                state.ended
            );
            state = self
                .changed
                .wait_timeout(state, left)
                .expect("no thread panics while it holds the transcript")
                .0;
        }
    }

    fn wait_for_end(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), left, |state| !state.ended);
        waited
            .expect("no thread panics while it holds the transcript")
            .0
            .ended
    }
}
