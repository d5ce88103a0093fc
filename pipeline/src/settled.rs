//! What of judging outlives the process: a pathway of which nothing was left to say need not be judged again before its
//! day comes, or a report does.

use crate::day::Day;
use crate::reference::Reference;

/// How a pathway stood when it was judged, with nothing left to say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whether it had a running clock.
    pub is_open: bool,
    /// The next day on which what is due of it can change without a report; `None` for never.
    pub next: Option<Day>,
}

/// By what pathways are judged: the rules of this build and these tables, their contents included. What was
/// settled by the same holds; what was settled by anything else has to be judged again.
#[must_use]
pub fn judged_by(reference: &Reference) -> String {
    // Its debug form has every field in it, those of later versions too.
    let tables = blake3::hash(format!("{reference:?}").as_bytes());
    format!("{}-{}", env!("CLOCKSTOP_RULES"), tables.to_hex())
}

#[cfg(test)]
mod tests {
    use super::judged_by;
    use crate::reference::Reference;

    #[test]
    fn tables_of_the_same_version_with_other_contents_are_others() {
        let known = Reference::default();
        let mut edited = known.clone();
        edited.fds.lead_times = vec![8, 3, 0];
        assert_eq!(judged_by(&known), judged_by(&known.clone()));
        assert_ne!(judged_by(&known), judged_by(&edited));
    }
}
