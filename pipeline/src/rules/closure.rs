//! What does the closure of a pathway do to a clock? (R18, Q5, Q9)

use crate::assessment::{Reason, Standard};
use crate::day::Day;
use crate::text::Texts;
use crate::view::View;

/// A dated closure whose reason is on the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closure {
    pub(crate) on: Day,
    pub(crate) reason: Reason,
}

/// The closure of a pathway; one without a date or with an unlisted reason closes nothing.
pub(crate) fn closure(view: &View, texts: &Texts) -> Option<Closure> {
    let closed = view.closure?.fact;
    let reason = match texts.read(closed.pathway_closed_reason?).as_str() {
        "died" => Reason::Died,
        "declined_investigation" => Reason::DeclinedInvestigation,
        "declined_treatment" => Reason::DeclinedTreatment,
        "private" => Reason::Private,
        "withdrawn" => Reason::Withdrawn,
        "merged" => Reason::Merged,
        _ => return None,
    };
    Some(Closure {
        on: closed.pathway_closed_date?,
        reason,
    })
}

/// Whether a dated closure merged the pathway into another (Q5).
pub(crate) fn is_merged(view: &View, texts: &Texts) -> bool {
    closure(view, texts).is_some_and(|closure| closure.reason == Reason::Merged)
}

impl Closure {
    /// Whether it ends a clock of this standard that started on this day and still runs (Q9). A merged
    /// pathway's clocks all end (Q5); declining treatment leaves FDS alone.
    pub(crate) fn ends(self, standard: Standard, start: Day) -> bool {
        let spares = standard == Standard::Fds && self.reason == Reason::DeclinedTreatment;
        !spares && (self.on >= start || self.reason == Reason::Merged)
    }

    /// Why a stop on this day of a clock started on that day does not count, if the closure is why:
    /// a later stop counts but for private care, and none counts on a merged pathway (Q5, Q9).
    pub(crate) fn discounts(self, start: Day, stop: Day) -> Option<Reason> {
        let went_private = self.reason == Reason::Private && self.on >= start && self.on < stop;
        (went_private || self.reason == Reason::Merged).then_some(self.reason)
    }
}
