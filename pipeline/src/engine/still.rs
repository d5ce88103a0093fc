//! The pathways as they were at one moment, copied in slices while the engine goes on: what changes before its slice
//! comes is kept as it was.

use super::{Engine, kept};
use crate::kept::Kept;
use crate::pathway::Pathway;
use crate::said::Said;
use alloc::collections::BTreeMap;

/// A moment of which copies are taken.
#[derive(Debug)]
pub(super) struct Still {
    /// What lies before this place is copied.
    copied: usize,
    /// How many places there were.
    slots: usize,
    /// What has changed since and is not copied, as it was, by place.
    before: BTreeMap<usize, Before>,
}

#[derive(Debug)]
struct Before {
    pathway: Pathway,
    said: Box<[Said]>,
}

impl Engine {
    /// From now on [`Self::still`] shows the pathways as they are now, until all of them are
    /// [copied](Self::copied). A moment that was held before is let go.
    pub fn hold_still(&mut self) {
        self.still = Some(Still {
            copied: 0,
            slots: self.slots.len(),
            before: BTreeMap::new(),
        });
    }

    /// The pathways at the next `count` places, as they were when they were held still; their texts as with
    /// [`Self::sweep`]. Nothing where nothing is held.
    pub fn still(&self, count: usize) -> impl Iterator<Item = Kept<'_>> {
        let held = self.still.iter().flat_map(move |still| {
            let end = still.copied.saturating_add(count).min(still.slots);
            (still.copied..end).map(move |place| (still, place))
        });
        held.filter_map(|(still, place)| {
            let (key, slot) = self.slots.get_index(place)?;
            match still.before.get(&place) {
                Some(before) => kept(key, &before.pathway, &before.said, None),
                None => kept(key, &slot.pathway, &slot.said, None),
            }
        })
    }

    /// So many more places are copied; whether any is left.
    pub fn copied(&mut self, count: usize) -> bool {
        let Some(still) = &mut self.still else {
            return false;
        };
        still.copied = still.copied.saturating_add(count);
        if still.copied < still.slots {
            still.before = still.before.split_off(&still.copied);
            true
        } else {
            self.still = None;
            false
        }
    }

    /// Keeps what is at a place, which is about to change, as far as somebody still copies it.
    pub(super) fn keep_still(&mut self, place: usize) {
        let Some(still) = &mut self.still else {
            return;
        };
        if !(still.copied..still.slots).contains(&place) {
            return;
        }
        if let Some((_, slot)) = self.slots.get_index(place) {
            still.before.entry(place).or_insert_with(|| Before {
                pathway: slot.pathway.clone(),
                said: slot.said.clone(),
            });
        }
    }
}
