//! The binary forms of Avro that our schemas use.

use clockstop_pipeline::Day;

/// Appends Avro values to a datum.
#[derive(Debug)]
pub(crate) struct Datum<'a>(pub(crate) &'a mut Vec<u8>);

impl Datum<'_> {
    pub(crate) fn long(&mut self, value: i64) {
        let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
        loop {
            let [low, ..] = rest.to_le_bytes();
            rest >>= 7;
            if rest == 0 {
                self.0.push(low & 0x7F);
                return;
            }
            self.0.push(low | 0x80);
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    pub(crate) fn day(&mut self, day: Day) {
        self.long(i64::from(day.epoch_days()));
    }

    /// The place of `value` in `all`, in whose order the schema has its symbols.
    pub(crate) fn symbol<T: PartialEq>(&mut self, all: &[T], value: &T) {
        self.count(all.iter().position(|of| of == value).unwrap_or(all.len()));
    }

    /// A value of a union with null, null first.
    pub(crate) fn nullable<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.long(i64::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    /// An array in one block.
    pub(crate) fn array<T>(&mut self, items: &[T], mut put: impl FnMut(&mut Self, &T)) {
        if !items.is_empty() {
            self.count(items.len());
            for item in items {
                put(self, item);
            }
        }
        self.long(0);
    }

    fn count(&mut self, count: usize) {
        self.long(i64::try_from(count).unwrap_or(i64::MAX));
    }
}
