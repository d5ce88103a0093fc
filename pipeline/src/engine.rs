//! All pathways of one partition: learn, recall, reconcile.

mod keeping;
mod parking;
mod still;

pub use keeping::Restoring;
use keeping::kept;
use still::Still;

use crate::alert::{Alert, AlertId, AlertKey, Because, Notice};
use crate::assessment::State;
use crate::day::Day;
use crate::pathway::{Identity, Pathway};
use crate::reference::Reference;
use crate::register::Learned;
use crate::report::Report;
use crate::row::Row;
use crate::rules::{Case, next_level_change};
use crate::said::{Said, said_id};
use crate::speaker::Speaker;
use crate::standing::Standing;
use crate::text::{Text, Texts};
use compact_str::CompactString;
use foldhash::fast::FixedState;
use indexmap::IndexMap;

/// All pathways of one partition.
///
/// It says nothing by itself: [`Self::reconcile`] returns what is to be said, and only
/// [`Self::recall`] makes it said.
#[derive(Debug)]
pub struct Engine {
    key: AlertKey,
    reference: Reference,
    software: String,
    texts: Texts,
    slots: IndexMap<CompactString, Slot, FixedState>,
    /// The places of the slots that are touched, in the order in which they were.
    touched: Vec<usize>,
    /// The places of the slots that are set aside.
    parked: Vec<usize>,
    today: Option<Day>,
    known: usize,
    open: usize,
    standing: Standing,
    history: History,
    /// The moment of which copies are being taken.
    still: Option<Still>,
}

/// Whether everything that was ever reported can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// The inputs reach back to their first record.
    Whole,
    /// Some of it is lost, so that no alert is ever withdrawn: what its facts no longer show may be among it.
    Short,
}

/// One pathway and what has been said of it.
#[derive(Debug, Default)]
struct Slot {
    pathway: Pathway,
    said: Box<[Said]>,
    /// The next day on which what is due can change without a report; `None` for never.
    next: Option<Day>,
    touched: Option<Because>,
    open: bool,
    /// Whether it is learned of and not decided on.
    parked: bool,
}

impl Engine {
    /// An engine that knows nothing. `software` is the version that goes into its alerts.
    #[must_use]
    pub fn new(key: AlertKey, reference: Reference, software: &str) -> Self {
        Self {
            key,
            reference,
            software: software.to_owned(),
            texts: Texts::default(),
            slots: IndexMap::default(),
            touched: Vec::new(),
            parked: Vec::new(),
            today: None,
            known: 0,
            open: 0,
            standing: Standing::default(),
            history: History::Whole,
            still: None,
        }
    }

    /// Says whether everything that was ever reported can be known.
    pub const fn set_history(&mut self, history: History) {
        self.history = history;
    }

    /// Whether everything that was ever reported can be known.
    #[must_use]
    pub const fn history(&self) -> History {
        self.history
    }

    /// The texts that this engine's reports use.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Where a decoder keeps the texts of reports for this engine.
    pub const fn texts_mut(&mut self) -> &mut Texts {
        &mut self.texts
    }

    /// Learns a report of the pathway `<issuer>:<identifier>`; order, repetition and delay do not matter.
    pub fn learn(&mut self, pathway: &str, report: &Report) -> Learned {
        self.take_in(pathway, report, Because::Facts)
    }

    /// Learns a report that was decided on before: whatever it changes, the facts are not the cause.
    pub fn learn_again(&mut self, pathway: &str, report: &Report) -> Learned {
        self.take_in(pathway, report, Because::Date)
    }

    fn take_in(&mut self, pathway: &str, report: &Report, because: Because) -> Learned {
        let place = self.place(pathway);
        self.keep_still(place);
        let Some((_, slot)) = self.slots.get_index_mut(place) else {
            return Learned::Repeated;
        };
        let was_known = slot.pathway.is_known();
        let learned = slot.pathway.learn(report, &self.texts);
        self.known += usize::from(!was_known);
        if learned == Learned::Changed {
            touch(&mut self.touched, place, slot, because);
        }
        learned
    }

    /// Takes an alert as said: its commit is known, or it was read back. An older revision never
    /// replaces a newer one.
    pub fn recall(&mut self, alert: &Alert) {
        let said = Said::of(alert, &mut self.texts);
        let place = self.place(&alert.pathway);
        self.keep_still(place);
        let Some((_, slot)) = self.slots.get_index_mut(place) else {
            return;
        };
        let mut list = core::mem::take(&mut slot.said).into_vec();
        let known = list
            .iter_mut()
            .find(|known| known.is_of(said.standard, said.item));
        match known {
            Some(known) if known.revision > said.revision => {}
            Some(known) => {
                self.standing.remove(known);
                self.standing.add(&said);
                *known = said;
            }
            None => {
                self.standing.add(&said);
                list.push(said);
            }
        }
        slot.said = list.into_boxed_slice();
        touch(&mut self.touched, place, slot, Because::Date);
    }

    /// Takes the tombstone of an erased pathway's alert as said.
    pub fn recall_erasure(&mut self, pathway: &str, alert_id: AlertId) {
        let place = self.place(pathway);
        self.keep_still(place);
        let Some((_, slot)) = self.slots.get_index_mut(place) else {
            return;
        };
        let mut list = core::mem::take(&mut slot.said).into_vec();
        list.retain(|said| {
            let is_it = said_id(&self.key, pathway, said, &self.texts) == alert_id;
            if is_it {
                self.standing.remove(said);
            }
            !is_it
        });
        slot.said = list.into_boxed_slice();
    }

    /// What is to be said today, compared with what has been said. It says the same again until that is
    /// recalled. A new day re-examines every pathway whose alerts can have changed by then.
    pub fn reconcile(&mut self, today: Day) -> Vec<Notice> {
        self.turn_to(today);
        let touched = core::mem::take(&mut self.touched);
        let mut notices = Vec::new();
        for place in touched {
            let before = notices.len();
            let next = self.examine(place, today, &mut notices);
            let Some((_, slot)) = self.slots.get_index_mut(place) else {
                continue;
            };
            slot.next = next;
            if notices.len() > before {
                self.touched.push(place);
            } else {
                slot.touched = None;
            }
        }
        notices
    }

    /// Touches what a new day can have changed; everything when the day lies before the last one.
    fn turn_to(&mut self, today: Day) {
        let forward = match self.today.replace(today) {
            Some(last) if last == today => return,
            Some(last) => last < today,
            None => false,
        };
        self.release();
        for place in 0..self.slots.len() {
            if let Some((_, slot)) = self.slots.get_index_mut(place)
                && (!forward || slot.next.is_some_and(|next| next <= today))
            {
                touch(&mut self.touched, place, slot, Because::Date);
            }
        }
    }

    /// Adds what is to be said of a pathway; returns the next day on which that can change.
    fn examine(&mut self, place: usize, today: Day, notices: &mut Vec<Notice>) -> Option<Day> {
        let (pathway, slot) = self.slots.get_index_mut(place)?;
        if slot.pathway.is_erased() {
            self.open -= usize::from(core::mem::take(&mut slot.open));
            notices.extend(slot.said.iter().map(|said| Notice::Erasure {
                alert_id: said_id(&self.key, pathway, said, &self.texts),
                pathway: pathway.to_string(),
            }));
            return None;
        }
        if !slot.pathway.is_known() {
            return None;
        }
        let view = slot.pathway.view(today, &self.texts);
        let issuer = issuer(pathway, &self.texts);
        let case = Case::new(&view, today, &self.reference, &self.texts, issuer);
        let clocks = case.clocks();
        let is_open = clocks
            .iter()
            .any(|clock| matches!(clock.state, State::Running(_)));
        self.open += usize::from(is_open);
        self.open -= usize::from(core::mem::replace(&mut slot.open, is_open));
        let speaker = Speaker {
            key: &self.key,
            software: &self.software,
            pathway,
            case: &case,
            history: self.history,
            because: slot.touched.unwrap_or(Because::Facts),
        };
        speaker.speak(&clocks, &slot.said, notices);
        let levels = clocks.iter().filter_map(|clock| match &clock.state {
            State::Running(running) => {
                next_level_change(running, clock.standard, today, &self.reference)
            }
            State::NotStarted | State::Stopped(_) | State::Ended(_) => None,
        });
        levels.chain(view.next_visible).min()
    }

    fn place(&mut self, pathway: &str) -> usize {
        if let Some(place) = self.slots.get_index_of(pathway) {
            return place;
        }
        self.texts.keep(issuer_of(pathway));
        self.slots.insert_full(pathway.into(), Slot::default()).0
    }

    /// How many pathways are known, erased ones included.
    #[must_use]
    pub const fn pathways(&self) -> usize {
        self.known
    }

    /// How many pathways had a running clock when they were last examined.
    #[must_use]
    pub const fn open_pathways(&self) -> usize {
        self.open
    }

    /// How many alerts stand.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Alerts that were recalled for pathways of which no fact is known.
    #[must_use]
    pub fn unknown_alerts(&self) -> Vec<AlertId> {
        let unknown = self
            .slots
            .iter()
            .filter(|(_, slot)| !slot.pathway.is_known());
        unknown
            .flat_map(|(pathway, slot)| {
                slot.said
                    .iter()
                    .map(|said| said_id(&self.key, pathway, said, &self.texts))
            })
            .collect()
    }

    /// One pathway on a day; `None` where it is not known or erased.
    #[must_use]
    pub fn row(&self, pathway: &str, today: Day) -> Option<Row<'_>> {
        let place = self.slots.get_index_of(pathway)?;
        self.row_at(place, today)
    }

    /// Every pathway that is known and not erased, in no order that means anything.
    pub fn rows(&self, today: Day) -> impl Iterator<Item = Row<'_>> {
        (0..self.slots.len()).filter_map(move |place| self.row_at(place, today))
    }

    /// The keys of the pathways that [`Self::row`] knows, in no order that means anything.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.slots
            .iter()
            .filter(|(_, slot)| slot.pathway.is_known() && !slot.pathway.is_erased())
            .map(|(key, _)| key.as_str())
    }

    /// The keys of the pathways whose patients' records were erased, in no order that means anything.
    pub fn erased(&self) -> impl Iterator<Item = &str> {
        self.slots
            .iter()
            .filter(|(_, slot)| slot.pathway.is_erased())
            .map(|(key, _)| key.as_str())
    }

    fn row_at(&self, place: usize, today: Day) -> Option<Row<'_>> {
        let (pathway, slot) = self.slots.get_index(place)?;
        if slot.pathway.is_erased() || !slot.pathway.is_known() {
            return None;
        }
        let issuer = issuer(pathway, &self.texts);
        let view = slot.pathway.view(today, &self.texts);
        let case = Case::new(&view, today, &self.reference, &self.texts, issuer);
        let judged = slot.pathway.assess(&case);
        let Identity { number, local, .. } = slot.pathway.identity(&self.texts);
        Some(Row {
            pathway,
            view,
            assessment: judged.assessment,
            patient: judged.patient,
            nhs_number: number,
            local_patient_identifier: local,
            issuer,
            registers: slot.pathway.registers(),
            reference: &self.reference,
            said: &slot.said,
            key: &self.key,
            texts: &self.texts,
        })
    }
}

/// What stands before the first colon of the key.
fn issuer_of(pathway: &str) -> &str {
    // An issuer is a few bytes long: a search for long texts costs more than the rest of it.
    let end = pathway.bytes().position(|byte| byte == b':');
    end.and_then(|end| pathway.get(..end)).unwrap_or(pathway)
}

fn issuer(pathway: &str, texts: &Texts) -> Text {
    texts
        .find(issuer_of(pathway))
        .unwrap_or(crate::report::ONLY_ITEM)
}

fn touch(touched: &mut Vec<usize>, place: usize, slot: &mut Slot, because: Because) {
    match slot.touched {
        None => {
            slot.touched = Some(because);
            touched.push(place);
        }
        Some(Because::Date) => slot.touched = Some(because),
        Some(Because::Rules) if because == Because::Facts => slot.touched = Some(because),
        Some(Because::Facts | Because::Rules | Because::Baseline) => {}
    }
}
