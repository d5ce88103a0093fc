//! A partition's log in memory, with what a broker does to it: transactions that commit, abort or hang, markers,
//! append times, compaction and deletion.

use std::collections::BTreeMap;

/// Whose records are visible to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Outside any transaction, or committed.
    Committed,
    /// Of a transaction that is open.
    Open(u64),
    /// Of a transaction that was aborted.
    Aborted,
    /// The end of a transaction; no reader is given it.
    Marker,
    /// Compacted away.
    Gone,
}

/// A record at its offset.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) stamp: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    fate: Fate,
}

/// The log of one partition of one topic; a record's place is its offset.
#[derive(Debug, Default)]
pub(super) struct Log {
    records: Vec<Record>,
    begin: usize,
}

impl Log {
    fn push(
        &mut self,
        stamp: i64,
        key: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        fate: Fate,
    ) -> i64 {
        self.records.push(Record {
            stamp,
            key,
            value,
            fate,
        });
        i64::try_from(self.records.len() - 1).unwrap()
    }

    pub(super) fn append(&mut self, stamp: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> i64 {
        let (key, value) = (key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
        self.push(stamp, key, value, Fate::Committed)
    }

    pub(super) fn append_in(
        &mut self,
        transaction: u64,
        stamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> i64 {
        let (key, value) = (key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
        self.push(stamp, key, value, Fate::Open(transaction))
    }

    /// Ends a transaction, which leaves a marker where it wrote anything.
    pub(super) fn end(&mut self, transaction: u64, commits: bool, stamp: i64) {
        let mut any = false;
        for record in &mut self.records {
            if record.fate == Fate::Open(transaction) {
                any = true;
                record.fate = if commits {
                    Fate::Committed
                } else {
                    Fate::Aborted
                };
            }
        }
        if any {
            self.push(stamp, None, None, Fate::Marker);
        }
    }

    /// The first offset that is still there.
    pub(super) fn begin(&self) -> i64 {
        i64::try_from(self.begin).unwrap()
    }

    /// The end that a reader of uncommitted records is told.
    pub(super) fn end_of_all(&self) -> i64 {
        i64::try_from(self.records.len()).unwrap()
    }

    /// The end that a reader of committed records is told: the first record of an open transaction.
    pub(super) fn end_of_committed(&self) -> i64 {
        let open = |record: &Record| matches!(record.fate, Fate::Open(_));
        let first = self.records.iter().position(open);
        i64::try_from(first.unwrap_or(self.records.len())).unwrap()
    }

    /// The first committed record at or after an offset, with its own.
    pub(super) fn next(&self, from: i64) -> Option<(i64, &Record)> {
        let from = usize::try_from(from).unwrap().max(self.begin);
        let end = usize::try_from(self.end_of_committed()).unwrap();
        let found = (from..end).find(|&at| self.records[at].fate == Fate::Committed)?;
        Some((i64::try_from(found).unwrap(), &self.records[found]))
    }

    /// Every committed record from an offset on.
    pub(super) fn committed(&self, from: i64) -> impl Iterator<Item = (i64, &Record)> {
        let mut next = from;
        core::iter::from_fn(move || {
            let (at, record) = self.next(next)?;
            next = at + 1;
            Some((at, record))
        })
    }

    /// Every record that was ever committed, deleted or not.
    pub(super) fn ever_committed(&self) -> impl Iterator<Item = (i64, &Record)> {
        let numbered = (0_i64..).zip(&self.records);
        numbered.filter(|(_, record)| record.fate == Fate::Committed)
    }

    /// Leaves of every key the last committed record only.
    pub(super) fn compact(&mut self) {
        let end = usize::try_from(self.end_of_committed()).unwrap();
        let mut last: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for at in 0..end {
            if self.records[at].fate != Fate::Committed {
                continue;
            }
            let key = self.records[at].key.clone().unwrap_or_default();
            if let Some(before) = last.insert(key, at) {
                self.records[before].fate = Fate::Gone;
            }
        }
    }

    /// Deletes what lies before an offset.
    pub(super) fn delete_before(&mut self, offset: i64) {
        self.begin = usize::try_from(offset).unwrap().min(self.records.len());
    }
}
