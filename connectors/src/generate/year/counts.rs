//! Tables of patients, and how they are made to add up: everything in whole numbers, so that every machine
//! makes the same.

/// Counts by `N` dimensions; a place outside counts nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts<const N: usize> {
    size: [usize; N],
    cells: Vec<u32>,
}

impl<const N: usize> Counts<N> {
    pub(super) fn new(size: [usize; N]) -> Self {
        let cells = vec![0; size.iter().product()];
        Self { size, cells }
    }

    fn place(&self, at: [usize; N]) -> Option<usize> {
        let mut place = 0;
        for (at, size) in at.into_iter().zip(self.size) {
            if at >= size {
                return None;
            }
            place = place * size + at;
        }
        Some(place)
    }

    pub(super) fn get(&self, at: [usize; N]) -> u32 {
        let cell = self.place(at).and_then(|place| self.cells.get(place));
        cell.copied().unwrap_or(0)
    }

    pub(super) fn set(&mut self, at: [usize; N], count: u32) {
        let place = self.place(at);
        if let Some(cell) = place.and_then(|place| self.cells.get_mut(place)) {
            *cell = count;
        }
    }

    pub(super) fn add(&mut self, at: [usize; N], count: u32) {
        self.set(at, self.get(at) + count);
    }

    /// Takes one away; false where nobody is left.
    pub(super) fn take(&mut self, at: [usize; N]) -> bool {
        let left = self.get(at).checked_sub(1);
        if let Some(left) = left {
            self.set(at, left);
        }
        left.is_some()
    }

    /// Every place that counts somebody.
    pub(super) fn places(&self) -> impl Iterator<Item = ([usize; N], u32)> + '_ {
        let filled = self
            .cells
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        filled.map(|(place, &count)| {
            let mut left = place;
            let mut at = [0; N];
            for (at, size) in at.iter_mut().zip(self.size).rev() {
                *at = left % size;
                left /= size;
            }
            (at, count)
        })
    }

    pub(super) fn total(&self) -> u32 {
        self.cells.iter().sum()
    }
}

/// Shares a total out in proportion to the parts, whole by largest remainder, none above its cap as long as
/// the caps have room.
pub(super) fn apportion(parts: &[u32], total: u32, caps: Option<&[u32]>) -> Vec<u32> {
    let sum: u64 = parts.iter().copied().map(u64::from).sum();
    let cap = |index: usize| caps.map_or(u32::MAX, |caps| caps.get(index).copied().unwrap_or(0));
    let share = |part: u32| u64::from(part) * u64::from(total);
    let mut whole: Vec<u32> = parts
        .iter()
        .enumerate()
        .map(|(index, &part)| {
            let floor = share(part).checked_div(sum).unwrap_or(0);
            u32::try_from(floor).unwrap_or(u32::MAX).min(cap(index))
        })
        .collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let remainder = |index: usize| {
        let part = parts.get(index).copied().unwrap_or(0);
        share(part).checked_rem(sum).unwrap_or(0)
    };
    order.sort_by_key(|&index| (core::cmp::Reverse(remainder(index)), index));
    let mut left = total.saturating_sub(whole.iter().sum());
    while left > 0 {
        let before = left;
        for &index in &order {
            let room = parts.get(index).is_some_and(|&part| part > 0);
            if let Some(count) = whole
                .get_mut(index)
                .filter(|count| room && **count < cap(index))
                && left > 0
            {
                *count += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    whole
}

/// What rows and columns still want.
type Sums = [Vec<u32>; 2];

/// One in proportional fitting.
const ONE: u64 = 1 << 20;
const ROUNDS: usize = 40;

/// A table with these sums of rows and columns (which must have one total), as near to the proportions of
/// the seed as proportional fitting comes, whole by largest remainder. A seed that has the sums is its own
/// table.
pub(super) fn fitted(
    rows: &[u32],
    columns: &[u32],
    seed: impl Fn(usize, usize) -> u32,
) -> Counts<2> {
    let size = [rows.len(), columns.len()];
    let near = proportional(rows, columns, seed);
    let mut table = Counts::new(size);
    let mut sums = [rows.to_vec(), columns.to_vec()];
    let mut fractions = Vec::new();
    for (row, cells) in near.iter().enumerate() {
        for (column, &cell) in cells.iter().enumerate() {
            let floor = u32::try_from(cell / ONE).unwrap_or(u32::MAX);
            fill(&mut table, &mut sums, [row, column], floor);
            fractions.push((core::cmp::Reverse(cell % ONE), row, column));
        }
    }
    fractions.sort_unstable();
    for (core::cmp::Reverse(fraction), row, column) in fractions {
        fill(
            &mut table,
            &mut sums,
            [row, column],
            u32::from(fraction > 0),
        );
    }
    let likely = |row: usize, column: usize| {
        let cell = near.get(row).and_then(|row| row.get(column));
        cell.is_some_and(|&cell| cell > 0)
    };
    let places = || (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| [row, column]));
    for at in places().filter(|&[row, column]| likely(row, column)) {
        fill(&mut table, &mut sums, at, u32::MAX);
    }
    while detour(&mut table, &mut sums, likely) {}
    for at in places() {
        fill(&mut table, &mut sums, at, u32::MAX);
    }
    table
}

/// The same in parts of [`ONE`].
fn proportional(
    rows: &[u32],
    columns: &[u32],
    seed: impl Fn(usize, usize) -> u32,
) -> Vec<Vec<u64>> {
    let mut near: Vec<Vec<u64>> = (0..rows.len())
        .map(|row| {
            (0..columns.len())
                .map(|column| u64::from(seed(row, column)) * ONE)
                .collect()
        })
        .collect();
    for _ in 0..ROUNDS {
        for (row, &wanted) in near.iter_mut().zip(rows) {
            let sum = row.iter().sum();
            for cell in row.iter_mut() {
                *cell = scaled(*cell, wanted, sum);
            }
        }
        for (column, &wanted) in columns.iter().enumerate() {
            let cell = |row: &Vec<u64>| row.get(column).copied().unwrap_or(0);
            let sum = near.iter().map(cell).sum();
            for row in &mut near {
                if let Some(cell) = row.get_mut(column) {
                    *cell = scaled(*cell, wanted, sum);
                }
            }
        }
    }
    near
}

fn scaled(cell: u64, wanted: u32, sum: u64) -> u64 {
    let scaled = u128::from(cell) * u128::from(wanted) * u128::from(ONE);
    u64::try_from(scaled.checked_div(sum.into()).unwrap_or(0)).unwrap_or(u64::MAX)
}

/// A row and a column still want one, and their own cell is to stay empty: another row gives way.
fn detour(table: &mut Counts<2>, sums: &mut Sums, likely: impl Fn(usize, usize) -> bool) -> bool {
    let [rows, columns] = sums;
    let wants = |sums: &[u32]| sums.iter().position(|&sum| sum > 0);
    let (Some(row), Some(column)) = (wants(rows), wants(columns)) else {
        return false;
    };
    let found = (0..rows.len())
        .filter(|&other| likely(other, column))
        .find_map(|other| {
            let through =
                |&between: &usize| likely(row, between) && table.get([other, between]) > 0;
            (0..columns.len())
                .find(through)
                .map(|between| (other, between))
        });
    let Some((other, between)) = found else {
        return false;
    };
    table.take([other, between]);
    table.add([row, between], 1);
    table.add([other, column], 1);
    for sum in rows.get_mut(row).into_iter().chain(columns.get_mut(column)) {
        *sum -= 1;
    }
    true
}

/// Puts as many as asked for and as the sums still want.
fn fill(table: &mut Counts<2>, sums: &mut Sums, at: [usize; 2], most: u32) {
    let [row, column] = at;
    let [rows, columns] = sums;
    if let (Some(row), Some(column)) = (rows.get_mut(row), columns.get_mut(column)) {
        let count = most.min(*row).min(*column);
        *row -= count;
        *column -= count;
        table.add(at, count);
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, apportion, detour, fitted};
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn places_name_what_was_put_there() {
        let mut counts = Counts::new([2, 3, 4]);
        counts.set([1, 2, 3], 5);
        counts.set([1, 3, 0], 7);
        assert!(counts.take([1, 2, 3]) && !counts.take([0, 0, 0]));
        assert_eq!(counts.places().collect::<Vec<_>>(), [([1, 2, 3], 4)]);
        assert_eq!(counts.total(), 4);
    }

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        assert_eq!(apportion(&[5, 3, 2], 7, None), [4, 2, 1]);
        assert_eq!(apportion(&[5, 3, 2], 10, None), [5, 3, 2]);
        assert_eq!(apportion(&[5, 3, 2], 7, Some(&[1, 9, 9])), [1, 3, 3]);
        assert_eq!(apportion(&[0, 0], 7, None), [0, 0]);
    }

    #[test]
    fn a_table_that_has_the_sums_stays_as_it_is() {
        let table = [[7, 0, 12], [1, 90, 3]];
        let seed = |row: usize, column: usize| {
            let row = table.get(row).and_then(|row: &[u32; 3]| row.get(column));
            row.copied().unwrap_or(0)
        };
        let made = fitted(&[19, 94], &[8, 90, 15], seed);
        for ([row, column], count) in made.places() {
            assert_eq!(count, seed(row, column));
        }
        assert_eq!(made.total(), 113);
    }

    #[test]
    fn another_row_gives_way_to_a_cell_that_is_to_stay_empty() {
        let mut table = Counts::new([2, 2]);
        table.set([1, 1], 1);
        let mut sums = [vec![1, 0], vec![1, 0]];
        let likely = |row, column| (row, column) != (0, 0);
        assert!(detour(&mut table, &mut sums, likely));
        assert!(!detour(&mut table, &mut sums, likely));
        let places: Vec<_> = table.places().collect();
        assert_eq!(places, [([0, 1], 1), ([1, 0], 1)]);
    }

    proptest! {
        #[test]
        fn sums_are_met_whatever_the_seed(seed in vec(0_u32..4, 12), rows in vec(0_u32..40, 3)) {
            let total: u32 = rows.iter().sum();
            let columns = apportion(&[3, 1, 4, 1], total, None);
            let made = fitted(&rows, &columns, |row, column| seed.get(row * 4 + column).copied().unwrap_or(0));
            for (row, &sum) in rows.iter().enumerate() {
                prop_assert_eq!((0..4).map(|column| made.get([row, column])).sum::<u32>(), sum);
            }
            for (column, &sum) in columns.iter().enumerate() {
                prop_assert_eq!((0..3).map(|row| made.get([row, column])).sum::<u32>(), sum);
            }
        }

        #[test]
        fn shares_add_up_below_their_caps(parts in vec(1_u32..1_000, 1..9), thousandths in 0_u32..1_000) {
            let sum: u32 = parts.iter().sum();
            let total = sum * thousandths / 1_000;
            let shared = apportion(&parts, total, Some(&parts));
            prop_assert_eq!(shared.iter().sum::<u32>(), total);
            prop_assert!(shared.iter().zip(&parts).all(|(share, part)| share <= part));
        }
    }
}
