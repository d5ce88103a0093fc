//! A pathway as bytes that outlive the process: its facts as they lie in memory, and what was said of it.
//!
//! Bytes that come back are judged whole before any is used: facts are never guessed from half an entry.

use crate::alert::{Level, Transition};
use crate::assessment::{Reason, Standard};
use crate::day::Day;
use crate::said::{Said, SaidContent};
use crate::settled::Settled;
use crate::sound::is_calendar;
use crate::text::{Text, Texts};
use alloc::borrow::Cow;

/// The version of the fold. It is bumped whenever kept bytes would mean something else to the new
/// software: a field of a fact added, moved or removed, another order of versions, another packing here
/// or in the registers. What another version kept is not restored; the log is folded again.
pub const FOLD_VERSION: u32 = 1;

/// One pathway as it was when it was swept. Texts are numbers of places in [`Texts::kept`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    /// The key, `<issuer>:<identifier>`.
    pub pathway: &'a str,
    /// Whether the patient's record was erased.
    pub erased: bool,
    /// The registers; empty where nothing but what was said is known.
    pub facts: &'a [u8],
    /// What was said, empty for nothing.
    pub said: Cow<'a, [u8]>,
    /// How it stood with nothing left to say; `None` where something may have been left.
    pub settled: Option<Settled>,
}

/// The first byte of what was said; another packing takes another number.
const SAID_PACKING: u8 = 1;

const LEVEL: u8 = 1;
const START: u8 = 1 << 1;
const LAST_COMPLIANT: u8 = 1 << 2;
const STOP: u8 = 1 << 3;
const DECIDED_WITHIN: u8 = 1 << 4;
const WITHIN: u8 = 1 << 5;
const REASON: u8 = 1 << 6;
const ORGANISATION: u8 = 1 << 7;

/// What was said as bytes; none for nothing.
pub(crate) fn pack_said(list: &[Said]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for said in list {
        if bytes.is_empty() {
            bytes.push(SAID_PACKING);
        }
        pack_one(&mut bytes, said);
    }
    bytes
}

fn pack_one(bytes: &mut Vec<u8>, said: &Said) {
    let content = &said.content;
    let mark = |is_there: bool, mark: u8| if is_there { mark } else { 0 };
    bytes.push(place_of(&Standard::ALL, &said.standard));
    bytes.push(place_of(&Transition::ALL, &said.transition));
    bytes.push(
        mark(content.level.is_some(), LEVEL)
            | mark(content.start.is_some(), START)
            | mark(content.last_compliant.is_some(), LAST_COMPLIANT)
            | mark(content.stop.is_some(), STOP)
            | mark(content.within.is_some(), DECIDED_WITHIN)
            | mark(content.within == Some(true), WITHIN)
            | mark(content.reason.is_some(), REASON)
            | mark(content.organisation.is_some(), ORGANISATION),
    );
    bytes.extend_from_slice(&said.revision.to_le_bytes());
    bytes.extend_from_slice(&said.item.map_or([0; 4], Text::to_bits));
    bytes.extend_from_slice(&said.decided_on.epoch_days().to_le_bytes());
    bytes.extend(content.level.map(|level| place_of(&Level::ALL, &level)));
    for day in [content.start, content.last_compliant, content.stop] {
        bytes.extend(
            day.map(|day| day.epoch_days().to_le_bytes())
                .iter()
                .flatten(),
        );
    }
    bytes.extend(content.reason.map(|reason| place_of(&Reason::ALL, &reason)));
    bytes.extend(content.organisation.map(Text::to_bits).iter().flatten());
}

fn place_of<T: PartialEq>(all: &[T], one: &T) -> u8 {
    let place = all.iter().position(|other| other == one);
    place
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}

/// What was said, from its bytes; `None` unless they parse to the last one and every text is one of
/// `texts`.
pub(crate) fn unpack_said(bytes: &[u8], texts: &Texts) -> Option<Vec<Said>> {
    let Some((&packing, bytes)) = bytes.split_first() else {
        return Some(Vec::new());
    };
    if packing != SAID_PACKING || bytes.is_empty() {
        return None;
    }
    let mut reader = Reader { bytes, texts };
    let mut list: Vec<Said> = Vec::new();
    while !reader.bytes.is_empty() {
        let said = reader.said()?;
        if list
            .iter()
            .any(|other| other.is_of(said.standard, said.item))
        {
            return None;
        }
        list.push(said);
    }
    Some(list)
}

struct Reader<'a> {
    bytes: &'a [u8],
    texts: &'a Texts,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*bytes)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let [place] = self.take()?;
        all.get(usize::from(place)).copied()
    }

    fn day(&mut self) -> Option<Day> {
        let day = Day::from_epoch_days(i32::from_le_bytes(self.take()?));
        is_calendar(day).then_some(day)
    }

    fn text(&mut self) -> Option<Text> {
        Text::from_bits(self.take()?).filter(|&text| self.texts.holds(text))
    }

    fn said(&mut self) -> Option<Said> {
        let standard = self.one_of(&Standard::ALL)?;
        let transition = self.one_of(&Transition::ALL)?;
        let [marks] = self.take()?;
        let revision = u32::from_le_bytes(self.take()?);
        let item = match self.take()? {
            [0, 0, 0, 0] => None,
            bits => Some(Text::from_bits(bits).filter(|&text| self.texts.holds(text))?),
        };
        let decided_on = self.day()?;
        let marked = |mark| marks & mark != 0;
        if marked(WITHIN) && !marked(DECIDED_WITHIN) {
            return None;
        }
        let content = SaidContent {
            level: when(marked(LEVEL), || self.one_of(&Level::ALL))?,
            start: when(marked(START), || self.day())?,
            last_compliant: when(marked(LAST_COMPLIANT), || self.day())?,
            stop: when(marked(STOP), || self.day())?,
            within: marked(DECIDED_WITHIN).then_some(marked(WITHIN)),
            reason: when(marked(REASON), || self.one_of(&Reason::ALL))?,
            organisation: when(marked(ORGANISATION), || self.text())?,
        };
        Some(Said {
            standard,
            item,
            revision,
            transition,
            content,
            decided_on,
        })
    }
}

/// A value where it is marked as known; `None` where it is marked and cannot be read.
#[expect(
    clippy::option_option,
    reason = "not known and not readable are two things"
)]
fn when<T>(is_known: bool, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if is_known {
        read().map(Some)
    } else {
        Some(None)
    }
}

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    reason = "a wrong index fails the test, as it should"
)]
mod tests {
    use super::{pack_said, unpack_said};
    use crate::alert::{Level, Transition};
    use crate::assessment::{Reason, Standard};
    use crate::day::Day;
    use crate::said::{Said, SaidContent};
    use crate::sound::LAST_DAY;
    use crate::text::{Text, Texts};
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn texts() -> Texts {
        let mut texts = Texts::default();
        texts.keep("a long identifier");
        texts
    }

    fn text() -> impl Strategy<Value = Text> {
        select(vec!["1", "RXX", "a long identifier"])
            .prop_map(|word| texts().find(word).expect("kept"))
    }

    fn day() -> impl Strategy<Value = Day> {
        (0..=LAST_DAY).prop_map(Day::from_epoch_days)
    }

    fn said() -> impl Strategy<Value = Said> {
        let content = (
            of(select(&Level::ALL[..])),
            of(day()),
            of(day()),
            of(day()),
            of(any::<bool>()),
            of(select(&Reason::ALL[..])),
            of(text()),
        )
            .prop_map(
                |(level, start, last_compliant, stop, within, reason, organisation)| SaidContent {
                    level,
                    start,
                    last_compliant,
                    stop,
                    within,
                    reason,
                    organisation,
                },
            );
        (
            select(&Standard::ALL[..]),
            of(text()),
            any::<u32>(),
            select(&Transition::ALL[..]),
            content,
            day(),
        )
            .prop_map(
                |(standard, item, revision, transition, content, decided_on)| Said {
                    standard,
                    item,
                    revision,
                    transition,
                    content,
                    decided_on,
                },
            )
    }

    proptest! {
        #[test]
        fn what_was_said_comes_back(mut list in proptest::collection::vec(said(), 0..6)) {
            let mut told = Vec::new();
            list.retain(|said| {
                let is_new = !told.contains(&(said.standard, said.item));
                told.push((said.standard, said.item));
                is_new
            });
            let bytes = pack_said(&list);
            prop_assert_eq!(unpack_said(&bytes, &texts()), Some(list));
            for end in 1..bytes.len() {
                let part = unpack_said(&bytes[..end], &texts());
                prop_assert!(part.is_none_or(|part| pack_said(&part) == bytes[..end]));
            }
        }

        #[test]
        fn any_bytes_are_taken_whole_or_not_at_all(bytes in proptest::collection::vec(0..12_u8, 0..60)) {
            let list = unpack_said(&bytes, &texts());
            prop_assert!(list.is_none_or(|list| pack_said(&list) == bytes));
        }
    }

    #[test]
    fn a_text_that_is_not_there_is_not_taken() {
        let said = Said {
            standard: Standard::Fds,
            item: texts().find("a long identifier"),
            revision: 1,
            transition: Transition::Raised,
            content: SaidContent::default(),
            decided_on: Day::from_epoch_days(0),
        };
        assert!(unpack_said(&pack_said(&[said]), &texts()).is_some());
        assert_eq!(unpack_said(&pack_said(&[said]), &Texts::default()), None);
    }
}
