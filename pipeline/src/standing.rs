//! How many alerts stand, kept as alerts are recalled.

use crate::alert::Level;
use crate::assessment::Standard;
use crate::said::Said;

/// How many alerts stand, by standard and level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing([[u64; Level::ALL.len()]; Standard::ALL.len()]);

impl Standing {
    /// How many alerts of a standard stand at a level.
    #[must_use]
    pub fn at(&self, standard: Standard, level: Level) -> u64 {
        let cell = || {
            let row = Standard::ALL.iter().position(|&s| s == standard)?;
            let column = Level::ALL.iter().position(|&l| l == level)?;
            self.0.get(row)?.get(column).copied()
        };
        cell().unwrap_or_default()
    }

    /// How many alerts stand.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.as_flattened().iter().sum()
    }

    fn cell(&mut self, said: &Said) -> Option<&mut u64> {
        let row = Standard::ALL.iter().position(|&s| s == said.standard)?;
        let column = Level::ALL
            .iter()
            .position(|&level| Some(level) == said.content.level)?;
        self.0.get_mut(row)?.get_mut(column)
    }

    pub(crate) fn add(&mut self, said: &Said) {
        if let Some(cell) = self.cell(said) {
            *cell += 1;
        }
    }

    pub(crate) fn remove(&mut self, said: &Said) {
        if let Some(cell) = self.cell(said) {
            *cell -= 1;
        }
    }
}
