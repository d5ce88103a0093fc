//! The whole pipeline in one process, on a mock broker and an accelerated calendar, with a synthetic
//! feed, so that anybody can watch it work.

mod figures;
mod listener;
mod outgoing;
mod play;
mod screen;
#[cfg(test)]
mod screen_tests;
mod stage;
mod tally;
#[cfg(test)]
mod tally_tests;

pub use figures::{EventFigures, Figures};
pub use listener::{Error as ListenerError, Listener};
pub use outgoing::Error as OutgoingError;
pub use play::{Error, Play, Script, plan};
pub use screen::{LATEST, Screen, transition_line};
pub use stage::{Error as StageError, Stage};
pub use tally::{AlertFigures, Tally};
