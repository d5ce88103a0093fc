//! A partition's pathways in slices, from the loop that runs it to a thread that may take its time with them.

use arrow::array::RecordBatch;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Pathways of one slice.
pub(crate) const SLICE: usize = 1_024;
/// Slices that wait to be taken; when so many do, sweeping pauses.
const SLICES: usize = 8;

/// What is given, in order.
pub(crate) enum Piece {
    Rows(RecordBatch),
    Texts(Vec<String>),
}

/// A partition while it is swept. Without its texts it comes to nothing.
#[derive(Debug)]
pub(crate) struct Sweep {
    /// `None` once it is abandoned.
    pieces: Option<SyncSender<Piece>>,
    /// What the thread did not take yet.
    left: Option<Box<Piece>>,
    /// The place from which the next slice is swept.
    pub(crate) next: usize,
    /// Whether everything has been swept and given.
    pub(crate) is_swept: bool,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{} rows", rows.num_rows()),
            Self::Texts(texts) => write!(f, "{} texts", texts.len()),
        }
    }
}

impl Sweep {
    /// Begins at the first place; whoever holds the other end takes what is given.
    pub(crate) fn begin() -> (Self, Receiver<Piece>) {
        let (pieces, given) = sync_channel(SLICES);
        let sweep = Self {
            pieces: Some(pieces),
            left: None,
            next: 0,
            is_swept: false,
        };
        (sweep, given)
    }

    /// Whether a slice is to be swept, and not one that was waits to be taken.
    pub(crate) fn is_due(&self) -> bool {
        !self.is_swept && self.left.is_none()
    }

    /// Whether another piece can be given now.
    pub(crate) fn is_free(&mut self) -> bool {
        if let Some(piece) = self.left.take() {
            self.give(*piece);
        }
        self.left.is_none()
    }

    pub(crate) fn give_rows(&mut self, rows: RecordBatch) {
        self.give(Piece::Rows(rows));
    }

    /// Gives the texts, with which it is whole.
    pub(crate) fn give_texts(&mut self, texts: Vec<String>) {
        self.give(Piece::Texts(texts));
    }

    /// Gives nothing more; who takes it may still be at work with what there is.
    pub(crate) fn abandon(&mut self) {
        self.pieces = None;
        self.left = None;
        self.is_swept = true;
    }

    fn give(&mut self, piece: Piece) {
        let Some(pieces) = &self.pieces else {
            return;
        };
        match pieces.try_send(piece) {
            // A thread that has ended has told why.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(piece)) => self.left = Some(Box::new(piece)),
        }
    }
}
