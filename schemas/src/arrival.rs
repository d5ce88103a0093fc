//! What is checked about where and when a record arrived: its partition and the age of what it says.

use crate::refusal::Refusal;
use clockstop_pipeline::Instant;

/// How far ahead of the broker's clock a source's may be, in microseconds.
const AHEAD: i64 = 24 * 60 * 60 * 1_000_000;

/// Checks that the key belongs on this partition by Java's default partitioner.
///
/// # Errors
/// [`Refusal::WrongPartition`], which is what a producer with another partitioner gets.
pub const fn check_partition(key: &[u8], partition: i32, partitions: i32) -> Result<(), Refusal> {
    if partition_of(key, partitions) == partition {
        Ok(())
    } else {
        Err(Refusal::WrongPartition)
    }
}

/// Checks that the source did not record the event more than 24 hours after the broker appended it.
///
/// # Errors
/// [`Refusal::RecordedInFuture`].
pub const fn check_recorded(recorded_at: Instant, appended_at: Instant) -> Result<(), Refusal> {
    if recorded_at.0 <= appended_at.0.saturating_add(AHEAD) {
        Ok(())
    } else {
        Err(Refusal::RecordedInFuture)
    }
}

/// The partition of a key by Java's default partitioner; 0 when there are no partitions.
#[must_use]
pub const fn partition_of(key: &[u8], partitions: i32) -> i32 {
    match (murmur2(key) & i32::MAX).checked_rem(partitions) {
        Some(partition) => partition,
        None => 0,
    }
}

/// `Utils.murmur2` of Apache Kafka: 32-bit murmur2 with Kafka's seed, little-endian.
#[must_use]
pub const fn murmur2(key: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    let mut hash = SEED ^ length(key);
    let mut rest = key;
    while let [a, b, c, d, after @ ..] = rest {
        let mut word = u32::from_le_bytes([*a, *b, *c, *d]).wrapping_mul(M);
        word ^= word >> R;
        hash = hash.wrapping_mul(M) ^ word.wrapping_mul(M);
        rest = after;
    }
    let tail = match *rest {
        [a, b, c, ..] => [a, b, c, 0],
        [a, b] => [a, b, 0, 0],
        [a] => [a, 0, 0, 0],
        [] => [0; 4],
    };
    if !rest.is_empty() {
        hash = (hash ^ u32::from_le_bytes(tail)).wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)).cast_signed()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a Kafka key is shorter than 4 GiB, and try_from is not const"
)]
const fn length(key: &[u8]) -> u32 {
    key.len() as u32
}

#[cfg(test)]
mod tests {
    use super::{AHEAD, check_partition, check_recorded, murmur2, partition_of};
    use crate::refusal::Refusal;
    use clockstop_pipeline::Instant;

    #[test]
    fn hashes_as_kafka_does() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            (
                "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
        }
    }

    #[test]
    fn a_key_has_one_partition() {
        let key = b"foobar";
        let at = partition_of(key, 12);
        assert_eq!(at, 1_357_151_166 % 12);
        for partition in 0..12 {
            let checked = check_partition(key, partition, 12);
            assert_eq!(checked.is_ok(), partition == at, "{partition}");
        }
        assert_eq!(check_partition(key, -1, 12), Err(Refusal::WrongPartition));
    }

    #[test]
    fn a_source_may_be_a_day_ahead_and_no_more() {
        let appended = Instant(1_767_225_600_000_000);
        let at = |offset| check_recorded(Instant(appended.0 + offset), appended);
        assert_eq!(at(AHEAD), Ok(()));
        assert_eq!(at(AHEAD + 1), Err(Refusal::RecordedInFuture));
        assert_eq!(at(-AHEAD), Ok(()));
        assert_eq!(
            check_recorded(Instant(i64::MAX), appended),
            Err(Refusal::RecordedInFuture)
        );
    }
}
