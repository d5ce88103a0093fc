//! The whole pipeline in one process, on a mock broker and an accelerated calendar, with a synthetic
//! feed, so that anybody can watch it work.

mod figures;
mod listener;
mod screen;
#[cfg(test)]
mod screen_tests;
mod tally;
#[cfg(test)]
mod tally_tests;

pub use figures::{EventFigures, Figures};
pub use listener::{Error as ListenerError, Listener};
pub use screen::{LATEST, Screen, transition_line};
pub use tally::{AlertFigures, Tally};
