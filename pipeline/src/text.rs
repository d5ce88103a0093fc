//! Short texts as four bytes: codes of up to four bytes stand in the value itself, longer ones are
//! kept once per [`Texts`].
//!
//! Codes and organisations repeat by the million, so a pathway stores them as [`Text`]. A code that
//! is not on its list is kept as sent and simply equals no listed code.

use core::num::NonZeroU32;
use foldhash::fast::FixedState;
use indexmap::IndexSet;

/// A text of at least one byte. Two texts of the same [`Texts`] are equal when their bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text(NonZeroU32);

/// No UTF-8 text starts with a byte above this, so such a first byte marks a kept text.
const KEPT: u32 = 0xF800_0000;
const INLINE_BYTES: usize = 4;

impl Text {
    /// The text of a short code, usable as a constant.
    ///
    /// # Panics
    /// At compile time, when the code is empty, longer than four bytes or holds a NUL.
    #[must_use]
    pub const fn code(code: &str) -> Self {
        match Self::inline(code.as_bytes()) {
            Some(text) => text,
            None => panic!("a code constant has one to four bytes"),
        }
    }

    pub(crate) const fn inline(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, d] = match *bytes {
            [a] => [a, 0, 0, 0],
            [a, b] => [a, b, 0, 0],
            [a, b, c] => [a, b, c, 0],
            [a, b, c, d] => [a, b, c, d],
            _ => return None,
        };
        let stops_early = (b == 0 && bytes.len() > 1)
            || (c == 0 && bytes.len() > 2)
            || (d == 0 && bytes.len() > 3);
        if a == 0 || stops_early {
            return None;
        }
        match NonZeroU32::new(u32::from_be_bytes([a, b, c, d])) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    pub(crate) const fn to_bits(self) -> [u8; 4] {
        self.0.get().to_be_bytes()
    }

    pub(crate) fn from_bits(bits: [u8; 4]) -> Option<Self> {
        NonZeroU32::new(u32::from_be_bytes(bits)).map(Self)
    }

    /// Whether it stands in place and is what [`Self::inline`] gives.
    fn is_inline(self) -> bool {
        const HIGH_BITS: u32 = 0x8080_8080;
        let value = self.0.get();
        if value & HIGH_BITS == 0 {
            // No byte but the last ones is NUL.
            let padded = value | (1_u32 << value.trailing_zeros()).wrapping_sub(1);
            return padded.wrapping_sub(0x0101_0101) & !padded & HIGH_BITS == 0;
        }
        let spelling = Spelling::Inline(self.to_bits());
        Self::inline(spelling.as_str().as_bytes()) == Some(self)
    }

    fn kept(index: usize) -> Option<Self> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        NonZeroU32::new(KEPT.saturating_add(index)).map(Self)
    }

    fn kept_index(self) -> Option<usize> {
        let value = self.0.get();
        (value >= KEPT).then(|| usize::try_from(value - KEPT).unwrap_or(usize::MAX))
    }
}

/// The texts longer than four bytes that one engine has met.
///
/// Memory grows with distinct texts only; it is bounded by the 64-byte limit of a text times the
/// number of distinct ones, at most 134 million.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    kept: IndexSet<Box<str>, FixedState>,
}

impl Texts {
    /// The text for these bytes; `None` for an empty one, which says no more than a missing field.
    pub fn keep(&mut self, text: &str) -> Option<Text> {
        if text.is_empty() {
            return None;
        }
        if let Some(inline) = Text::inline(text.as_bytes()) {
            return Some(inline);
        }
        let index = match self.kept.get_index_of(text) {
            Some(index) => index,
            None => self.kept.insert_full(text.into()).0,
        };
        Text::kept(index)
    }

    /// The text for these bytes if it needs no keeping or was kept before.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Text> {
        Text::inline(text.as_bytes()).or_else(|| Text::kept(self.kept.get_index_of(text)?))
    }

    /// The text's own bytes, copied out of the value for short ones.
    #[must_use]
    pub fn read(&self, text: Text) -> Spelling<'_> {
        match text.kept_index() {
            Some(index) => Spelling::Kept(self.kept.get_index(index).map_or("", |text| &**text)),
            None => Spelling::Inline(text.to_bits()),
        }
    }

    /// The texts that do not stand in place, in the order of their numbers.
    #[must_use]
    pub fn kept(&self) -> impl ExactSizeIterator<Item = &str> {
        self.kept.iter().map(|text| &**text)
    }

    /// The texts whose [`Self::kept`] these are; `None` where they cannot be.
    pub fn from_kept<'t>(kept: impl IntoIterator<Item = &'t str>) -> Option<Self> {
        let mut texts = Self::default();
        for text in kept {
            let is_kept = !text.is_empty() && Text::inline(text.as_bytes()).is_none();
            if !is_kept || !texts.kept.insert(text.into()) {
                return None;
            }
        }
        Some(texts)
    }

    /// Whether the text stands in place or is kept here.
    pub(crate) fn holds(&self, text: Text) -> bool {
        match text.kept_index() {
            Some(index) => index < self.kept.len(),
            None => text.is_inline(),
        }
    }

    /// The order of the texts' bytes.
    #[must_use]
    pub fn compare(&self, a: Text, b: Text) -> core::cmp::Ordering {
        self.read(a).as_str().cmp(self.read(b).as_str())
    }

    /// The trust of a site: the first three characters of its ODS code (R17).
    #[must_use]
    pub fn trust(&self, site: Text) -> Text {
        Text::inline(first_three(self.read(site).as_str()).as_bytes()).unwrap_or(site)
    }
}

/// The first three characters of a code.
pub(crate) fn first_three(code: &str) -> &str {
    let is_ascii = |head: &[u8; 3]| head.is_ascii();
    let end = if code.as_bytes().first_chunk().is_some_and(is_ascii) {
        3
    } else {
        code.char_indices().nth(3).map_or(code.len(), |(at, _)| at)
    };
    code.get(..end).unwrap_or(code)
}

/// The bytes of a [`Text`], borrowed or in place.
#[derive(Clone, Copy, Debug)]
pub enum Spelling<'a> {
    /// A short text, padded with NULs.
    Inline([u8; INLINE_BYTES]),
    /// A longer text.
    Kept(&'a str),
}

impl Spelling<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Inline(bytes) => {
                let end = bytes.iter().position(|&b| b == 0).unwrap_or(INLINE_BYTES);
                bytes
                    .get(..end)
                    .and_then(|bytes| core::str::from_utf8(bytes).ok())
                    .unwrap_or("")
            }
            Self::Kept(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, Texts};
    use proptest::prelude::*;

    #[test]
    fn a_short_code_needs_no_store() {
        let mut texts = Texts::default();
        assert_eq!(texts.keep("17"), Some(Text::code("17")));
        assert_eq!(texts.keep(""), None);
        assert!(texts.kept.is_empty());
    }

    #[test]
    fn a_trust_is_three_characters() {
        let mut texts = Texts::default();
        for (site, trust) in [
            ("RXX01", "RXX"),
            ("RXX", "RXX"),
            ("S3H9L", "S3H"),
            ("X", "X"),
        ] {
            let site = texts.keep(site).expect("not empty");
            assert_eq!(texts.read(texts.trust(site)).as_str(), trust);
        }
    }

    #[test]
    fn only_texts_that_can_be_kept_are_taken_back() {
        let long = ["a long one", "another one"];
        let texts = Texts::from_kept(long).expect("kept");
        assert!(texts.kept().eq(long));
        assert_eq!(texts.find("another one"), Text::kept(1));
        for wrong in [
            ["a long one", "a long one"],
            ["a long one", ""],
            ["short", "RXX"],
        ] {
            assert!(Texts::from_kept(wrong).is_none(), "{wrong:?}");
        }
        assert!(Text::kept(1).is_some_and(|text| texts.holds(text)));
        assert!(Text::kept(2).is_some_and(|text| !texts.holds(text)));
    }

    proptest! {
        #[test]
        fn a_text_in_place_is_one_that_can_be_written(bits in proptest::array::uniform4(
            prop_oneof![Just(0_u8), 1..0x80_u8, 0x80..0xF8_u8]
        )) {
            if let Some(text) = Text::from_bits(bits) {
                let end = bits.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
                let written = bits.get(..end).expect("within");
                let is_written = !written.contains(&0) && core::str::from_utf8(written).is_ok();
                prop_assert_eq!(Texts::default().holds(text), is_written);
            }
        }

        #[test]
        fn reads_back_what_was_kept(words in proptest::collection::vec("\\PC{1,9}|[\\x00a]{1,5}", 1..20)) {
            let mut texts = Texts::default();
            let kept: Vec<_> = words.iter().map(|w| texts.keep(w).expect("not empty")).collect();
            for (word, text) in words.iter().zip(&kept) {
                let spelling = texts.read(*text);
                prop_assert_eq!(spelling.as_str(), word);
                prop_assert_eq!(texts.keep(word), Some(*text));
            }
        }
    }
}
