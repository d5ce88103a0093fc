//! The two planes of the tables: direct care sees who the patient is, analysts see pseudonyms.

use clockstop_pipeline::NhsNumber;

/// The key from which an analyst plane's pseudonyms are made; another key makes other pseudonyms.
#[derive(Clone, Copy)]
pub struct PseudonymKey(pub [u8; 32]);

impl core::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

/// Who may read a set of files.
#[derive(Clone, Copy, Debug)]
pub enum Plane {
    /// Direct care: identifiers as reported.
    Identifiable,
    /// Analysts: no NHS number and no local identifier, pseudonyms in their place.
    Analyst(PseudonymKey),
}

const PSEUDONYM_BYTES: usize = 16;

impl Plane {
    /// `identifiable` or `analyst`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identifiable => "identifiable",
            Self::Analyst(_) => "analyst",
        }
    }

    /// A pathway key.
    #[must_use]
    pub fn pathway(&self, pathway: &str) -> String {
        self.shown("pathway", &[pathway])
    }

    /// A patient, by NHS number.
    #[must_use]
    pub fn patient(&self, number: NhsNumber) -> String {
        self.shown("patient", &[&format!("{:010}", number.to_bits())])
    }

    /// A primary or treatment; sources may use their own identifiers for these.
    #[must_use]
    pub fn item(&self, pathway: &str, item: &str) -> String {
        match self {
            Self::Identifiable => item.to_owned(),
            Self::Analyst(_) => self.shown("item", &[pathway, item]),
        }
    }

    /// Keyed BLAKE3-128 in hexadecimal, each part with its length before it; or the last part as it is.
    fn shown(&self, kind: &str, parts: &[&str]) -> String {
        let Self::Analyst(key) = self else {
            return parts.last().copied().unwrap_or_default().to_owned();
        };
        let mut hasher = blake3::Hasher::new_keyed(&key.0);
        for part in [kind].iter().chain(parts) {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bytes = [0; PSEUDONYM_BYTES];
        hasher.finalize_xof().fill(&mut bytes);
        bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Plane, PseudonymKey};

    #[test]
    fn a_pseudonym_depends_on_kind_key_and_value_and_shows_none_of_them() {
        let plane = Plane::Analyst(PseudonymKey([1; 32]));
        let other = Plane::Analyst(PseudonymKey([2; 32]));
        let pseudonym = plane.pathway("RXX:1");
        assert_eq!(pseudonym, plane.pathway("RXX:1"));
        assert_ne!(pseudonym, other.pathway("RXX:1"));
        assert_ne!(plane.item("RXX:1", "T1"), plane.item("RXX:2", "T1"));
        assert_ne!(plane.item("RXX:1", "T1"), plane.item("RXX:", "1T1"));
        assert!(!pseudonym.contains("RXX"));
        assert_eq!(pseudonym.len(), 32);
        assert_eq!(Plane::Identifiable.item("RXX:1", "T1"), "T1");
    }
}
