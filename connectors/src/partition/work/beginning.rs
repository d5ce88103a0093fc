//! Where a partition begins: with a checkpoint or nothing, and with what was read back.

use super::Work;
use crate::partition::found::{Basis, Days, Found, Start};
use crate::partition::guard::Guard;
use crate::partition::mark::{Mark, Restored};
use crate::partition::outbox::Outbox;
use clockstop_pipeline::{AlertId, Because, Day, History};

impl Work {
    /// The group's offsets, read after the fence, where they can be read.
    pub(crate) fn begin_at(&mut self, cursor: Option<[i64; 3]>) {
        self.group_is_known = cursor.is_some();
        self.cursor = cursor.unwrap_or_default();
    }

    /// Whether it is known below which offsets bad records were buried: the group's offsets and the control
    /// record come from the same transactions, so either will do.
    pub(crate) fn knows_cursor(&self, found: &Found) -> bool {
        self.group_is_known || !matches!(found.control, Ok(None))
    }

    /// Goes on from a checkpoint.
    pub(crate) fn restore(&mut self, restored: Restored) {
        let Restored { engine, mark } = restored;
        self.engine = engine;
        self.progress = mark.progress.clone();
        self.appends
            .recall(&mark.last_appends, self.engine.texts_mut());
        self.alert_position = mark.alert_position;
        self.control_position = mark.control_position;
        self.restored = Some(mark);
    }

    /// From where the alert and the control topic are to be read back.
    pub(crate) fn positions(&self) -> (i64, i64) {
        (self.alert_position, self.control_position)
    }

    pub(crate) fn restored(&self) -> Option<&Mark> {
        self.restored.as_ref()
    }

    /// Takes what was read back as said, and begins where it may. `today` is the day of a first go-live.
    pub(crate) fn remember(&mut self, found: &Found, start: &Start, basis: &Basis, today: Day) {
        let control = found.control.as_ref().ok().and_then(Option::as_ref);
        let mark = self.restored.as_ref();
        let never = control.is_none() && mark.is_none();
        self.reference = control.map_or_else(
            || basis.reference.clone(),
            |control| control.reference.clone(),
        );
        self.anew = if self.reference != basis.reference {
            Some(Because::Rules)
        } else if control.is_some_and(|control| control.held > 0) {
            Some(Because::Facts)
        } else {
            None
        };
        self.decided = control
            .and_then(|control| control.decided)
            .max(mark.and_then(|mark| mark.decided));
        self.first_time = self.decided.is_none() && (!never || found.alert_end == 0);
        let closed = control
            .and_then(|control| control.closed_through)
            .max(mark.and_then(|mark| mark.closed_through));
        if basis.days == Days::Closed {
            self.gate.begin(closed.unwrap_or_else(|| today.plus(-1)));
        }
        self.partitions = basis.partitions;
        self.said_time = control.and_then(|control| control.log_time);
        self.news_from = self.said_time;
        self.guard = Guard::since(self.said_time);
        self.identity = found.identity.clone();
        self.accepted_from = start.accepted_from;
        self.alert_position = self.alert_position.max(found.alert_end);
        self.control_position = self.control_position.max(found.control_at);
        self.engine.set_history(start.history);
        self.progress.offsets = start.from;
        let recorded = control.map_or([0; 3], |control| control.cursors);
        for (place, (recorded, (from, anew))) in self.cursor.iter_mut().zip(
            recorded
                .into_iter()
                .zip(start.from.into_iter().zip(start.anew)),
        ) {
            *place = if anew { from } else { (*place).max(recorded) };
        }
        self.outbox = Outbox::new(self.cursor);
        for alert in &found.said {
            self.engine.recall(alert);
        }
        self.tombstones.clone_from(&found.tombstones);
    }

    /// Alerts of pathways that nothing is known of, once everything is replayed.
    pub(crate) fn unknown_alerts(&mut self) -> Vec<AlertId> {
        let tombstones = core::mem::take(&mut self.tombstones);
        if !tombstones.is_empty() {
            self.engine.recall_tombstones(&tombstones);
        }
        self.engine.unknown_alerts()
    }

    /// So many alerts of unknown pathways stay as they are, because their history is accepted as lost.
    pub(crate) fn leave_standing(&mut self, alerts: usize) {
        self.left_standing = alerts;
    }

    /// Alerts that stay as they are because the history of their pathways is lost.
    pub(crate) fn left_standing(&self) -> usize {
        self.left_standing
    }

    /// Whether an operator accepted that some of the history is lost.
    pub(crate) fn is_accepted(&self) -> bool {
        self.engine.history() == History::Short
    }
}
