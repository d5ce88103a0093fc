//! The life of one partition in the hands of one worker, as pure code: what happened goes in, what is to be
//! done comes out. Kafka, the store and the clock are behind whoever runs it.

mod appends;
mod behind;
mod found;
mod gate;
mod guard;
mod life;
mod mark;
mod outbox;
mod refusals;
mod shard;
mod state;
mod way_out;
mod work;

pub use guard::{Held, HeldGroup};
pub use state::{Refused, State};

pub(crate) use found::{Basis, Days, Found, Identity, Loss, Span, reading_from};
pub(crate) use life::{Action, Event};
pub(crate) use mark::{Mark, Restored};
pub(crate) use shard::{Moment, Shard, Tempo, Urgency};
pub(crate) use work::{Receipt, Taken, Work};
