//! What recovery and the guard against mass error ask of an engine: judge anew, set aside, take tombstones.

use super::{Engine, touch};
use crate::alert::{AlertId, Because};
use crate::said::said_id;
use std::collections::BTreeSet;

impl Engine {
    /// Touches every pathway: what is due of it may not be what was decided.
    pub fn judge_anew(&mut self, because: Because) {
        for place in 0..self.slots.len() {
            if let Some((_, slot)) = self.slots.get_index_mut(place) {
                touch(&mut self.touched, place, slot, because);
            }
        }
    }

    /// Sets pathways aside: they are learned of, and not decided on until they are
    /// [released](Self::release) or the day turns.
    pub fn park<'p>(&mut self, pathways: impl IntoIterator<Item = &'p str>) {
        for pathway in pathways {
            let place = self.place(pathway);
            if let Some((_, slot)) = self.slots.get_index_mut(place)
                && !core::mem::replace(&mut slot.parked, true)
            {
                slot.touched.get_or_insert(Because::Date);
                self.parked.push(place);
            }
        }
        let slots = &self.slots;
        self.touched
            .retain(|&place| slots.get_index(place).is_some_and(|(_, slot)| !slot.parked));
    }

    /// Decides again on the pathways that were set aside.
    pub fn release(&mut self) {
        for place in core::mem::take(&mut self.parked) {
            if let Some((_, slot)) = self.slots.get_index_mut(place) {
                slot.parked = false;
                self.touched.push(place);
            }
        }
    }

    /// Whether the last reconcile left nothing to be said of what was learned, but for what is set aside.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.today.is_some() && self.touched.is_empty()
    }

    /// How many pathways are set aside.
    #[must_use]
    pub const fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Takes tombstones that were read back as said, for pathways that are erased or not known.
    pub fn recall_tombstones(&mut self, alert_ids: &BTreeSet<AlertId>) {
        for place in 0..self.slots.len() {
            let Some((pathway, slot)) = self.slots.get_index_mut(place) else {
                continue;
            };
            if slot.said.is_empty() || (slot.pathway.is_known() && !slot.pathway.is_erased()) {
                continue;
            }
            let mut list = core::mem::take(&mut slot.said).into_vec();
            list.retain(|said| {
                let gone = alert_ids.contains(&said_id(&self.key, pathway, said, &self.texts));
                if gone {
                    self.standing.remove(said);
                }
                !gone
            });
            slot.said = list.into_boxed_slice();
        }
    }
}
