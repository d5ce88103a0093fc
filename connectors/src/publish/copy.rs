//! What a partition knew at one moment, put together again by whoever makes rows of it, so that its worker need not.

use crate::sweep::Piece;
use clockstop_pipeline::{AlertKey, Day, Engine, Reference, Restoring, Texts};
use clockstop_schemas::checkpoint::kept_rows;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// A partition on its way from its worker.
#[derive(Debug)]
pub(crate) struct PartitionCopy {
    pub(crate) partition: i32,
    /// The day it has decided on.
    pub(crate) day: Day,
    /// Up to where its inputs were learned.
    pub(crate) offsets: [i64; 3],
    pub(crate) pathways: usize,
    pub(crate) pieces: Receiver<Piece>,
}

impl PartitionCopy {
    /// The engine it is a copy of; `None` where its worker gave it up, or gave nothing for so long.
    pub(crate) fn engine(
        &self,
        key: AlertKey,
        reference: &Reference,
        patience: Duration,
    ) -> Option<Engine> {
        let mut slices = Vec::new();
        let texts = loop {
            match self.pieces.recv_timeout(patience).ok()? {
                Piece::Rows(slice) => slices.push(slice),
                Piece::Texts(texts) => break texts,
            }
        };
        let texts = Texts::from_kept(texts.iter().map(String::as_str))?;
        let software = env!("CARGO_PKG_VERSION");
        let mut restoring = Restoring::new(key, reference.clone(), software, texts, self.pathways);
        for slice in slices {
            if !kept_rows(&slice).ok()?.all(|kept| restoring.put(&kept)) {
                return None;
            }
        }
        Some(restoring.finish())
    }
}
