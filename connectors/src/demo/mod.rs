//! The whole pipeline in one process, on a mock broker and an accelerated calendar, with a synthetic
//! feed, so that anybody can watch it work.

mod figures;
mod screen;
mod tally;
#[cfg(test)]
mod tally_tests;

pub use figures::{EventFigures, Figures};
pub use screen::{LATEST, Screen, transition_line};
pub use tally::{AlertFigures, Tally};
