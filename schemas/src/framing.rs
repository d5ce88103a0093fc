//! The Confluent wire format: a zero byte, the schema's id in four big-endian bytes, then the datum.

const MAGIC: u8 = 0;

/// The schema id and the datum of a framed value; `None` when it is not framed.
#[must_use]
pub const fn unframe(value: &[u8]) -> Option<(u32, &[u8])> {
    match value {
        [MAGIC, a, b, c, d, datum @ ..] => Some((u32::from_be_bytes([*a, *b, *c, *d]), datum)),
        _ => None,
    }
}

/// Begins a framed value; the datum follows it in `out`.
pub fn frame(id: u32, out: &mut Vec<u8>) {
    out.push(MAGIC);
    out.extend_from_slice(&id.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{frame, unframe};

    #[test]
    fn reads_back_what_was_framed() {
        let mut value = Vec::new();
        frame(0x0102_0304, &mut value);
        value.extend_from_slice(b"datum");
        assert_eq!(value.get(..5), Some(&[0, 1, 2, 3, 4][..]));
        assert_eq!(unframe(&value), Some((0x0102_0304, &b"datum"[..])));
    }

    #[test]
    fn a_value_that_is_not_framed_is_seen() {
        for value in [&b""[..], b"\0\0\0\x01", b"\x01\0\0\0\x01", b"{\"topic\":1}"] {
            assert_eq!(unframe(value), None);
        }
        assert_eq!(unframe(&[0; 5]), Some((0, &b""[..])));
    }
}
