//! A picture that is drawn over itself on a terminal.

use std::io::{self, Write};

/// Where the last picture stands.
pub(crate) struct Terminal {
    lines: usize,
}

impl Terminal {
    pub(crate) const fn new() -> Self {
        Self { lines: 0 }
    }

    /// Draws a picture where the last one was; what was above it stays.
    pub(crate) fn draw(&mut self, picture: &str) -> io::Result<()> {
        let mut frame = match self.lines {
            0 => String::new(),
            lines => format!("\x1b[{lines}A"),
        };
        for line in picture.lines() {
            frame.push_str(line);
            frame.push_str("\x1b[K\n");
        }
        self.lines = picture.lines().count();
        // One write, so that no half picture is seen.
        let mut out = io::stdout().lock();
        out.write_all(frame.as_bytes())?;
        out.flush()
    }
}
