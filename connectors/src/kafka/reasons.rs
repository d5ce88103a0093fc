//! The last reason, in words an operator can act on, of why a broker cannot be used.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const SAME_REASON_EVERY: Duration = Duration::from_secs(30);
/// A client tells a reason that still holds again after 30 s, not sooner.
const HOLDS_FOR: Duration = Duration::from_mins(1);

/// The last reason, shared by all clients of a process, of why a broker could not be used.
#[derive(Clone, Debug, Default)]
pub struct Reasons(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    last: Option<Reason>,
    logged: Option<(RDKafkaErrorCode, Instant)>,
}

#[derive(Debug)]
struct Reason {
    code: RDKafkaErrorCode,
    weight: Weight,
    text: String,
    at: Instant,
}

/// How near a reason is to its cause. A refused password is followed by lost connections, and those by
/// brokers that are down; only the first says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Consequence,
    Connection,
    Security,
}

impl Reasons {
    /// What a client said last of why it has no broker.
    #[must_use]
    pub fn last(&self) -> Option<String> {
        self.lock().last.as_ref().map(|reason| reason.text.clone())
    }

    /// A broker answered: what was said before is over.
    pub(super) fn forget(&self) {
        self.lock().last = None;
    }

    /// Whether the last reason is one that waiting does not mend.
    pub(super) fn is_of_security(&self) -> bool {
        let told = self.lock();
        let last = told.last.as_ref();
        last.is_some_and(|last| last.weight == Weight::Security && last.holds(Instant::now()))
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a client said, unless something nearer to the cause was said just now.
    pub(super) fn note(&self, error: &KafkaError, said: &str) {
        self.note_at(error, said, Instant::now());
    }

    /// Keeps an error that a poll returned; mostly it was said with its reason before.
    pub(super) fn note_polled(&self, error: &KafkaError) {
        let now = Instant::now();
        let known =
            self.lock().last.as_ref().is_some_and(|last| {
                Some(last.code) == error.rdkafka_error_code() && last.holds(now)
            });
        if !known {
            self.note_at(error, &error.to_string(), now);
        }
    }

    fn note_at(&self, error: &KafkaError, said: &str, now: Instant) {
        let code = match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::PartitionEOF) => return,
            _ if matches!(error, KafkaError::PartitionEOF(_)) => return,
            code => code.unwrap_or(RDKafkaErrorCode::Unknown),
        };
        let weight = weight(code, said);
        let mut told = self.lock();
        let outweighed = |last: &Reason| last.weight > weight && last.holds(now);
        if told.last.as_ref().is_some_and(outweighed) {
            return;
        }
        let text = hinted(code, said);
        let repeated = |&(logged, at): &(RDKafkaErrorCode, Instant)| {
            logged == code && now.saturating_duration_since(at) < SAME_REASON_EVERY
        };
        if !told.logged.as_ref().is_some_and(repeated) {
            tracing::warn!(reason = %text, "Kafka client: it goes on trying");
            told.logged = Some((code, now));
        }
        told.last = Some(Reason {
            code,
            weight,
            text,
            at: now,
        });
    }
}

impl Reason {
    fn holds(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < HOLDS_FOR
    }
}

/// What librdkafka says when it meets a listener without TLS; its code is that of any lost connection.
const PLAINTEXT_LISTENER: &str = "PLAINTEXT broker listener";

fn weight(code: RDKafkaErrorCode, said: &str) -> Weight {
    if said.contains(PLAINTEXT_LISTENER) {
        return Weight::Security;
    }
    if code == RDKafkaErrorCode::AllBrokersDown {
        return Weight::Consequence;
    }
    let of_security = [
        RDKafkaErrorCode::Authentication,
        RDKafkaErrorCode::SaslAuthenticationFailed,
        RDKafkaErrorCode::UnsupportedSASLMechanism,
        RDKafkaErrorCode::IllegalSASLState,
        RDKafkaErrorCode::SSL,
    ];
    if of_security.contains(&code) {
        Weight::Security
    } else {
        Weight::Connection
    }
}

/// The words with the setting to look at, in one line.
fn hinted(code: RDKafkaErrorCode, said: &str) -> String {
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match hint(code, &said) {
        Some(hint) => format!("{hint}: {said}"),
        None => said,
    }
}

fn hint(code: RDKafkaErrorCode, said: &str) -> Option<&'static str> {
    if said.contains(PLAINTEXT_LISTENER) {
        return Some(
            "the broker expects no TLS there; set kafka.properties.\"security.protocol\" to what its listener speaks",
        );
    }
    if said.contains("mechanism handshake failed") {
        return Some(
            "the broker does not take this mechanism; set kafka.properties.\"sasl.mechanism\" to one it supports",
        );
    }
    if code == RDKafkaErrorCode::AllBrokersDown {
        return Some(
            "if something listens there, it may expect TLS or a password; set kafka.properties.\"security.protocol\"",
        );
    }
    if code == RDKafkaErrorCode::SSL && said.contains("certificate verify failed") {
        return Some(
            // OpenSSL's words are the same for both.
            "the broker's certificate is not trusted or not made out for this host; name the file of its CA in kafka.properties.\"ssl.ca.location\", and the host as the certificate does in kafka.bootstrap",
        );
    }
    let of_login = [
        RDKafkaErrorCode::Authentication,
        RDKafkaErrorCode::SaslAuthenticationFailed,
    ];
    of_login.contains(&code).then_some(
        "the broker refuses the user or the password; check kafka.properties.\"sasl.username\" and \"sasl.password\"",
    )
}

#[cfg(test)]
mod tests {
    use super::{HOLDS_FOR, Reasons};
    use rdkafka::error::{KafkaError, RDKafkaErrorCode};
    use std::time::Instant;

    fn error(code: RDKafkaErrorCode) -> KafkaError {
        KafkaError::Global(code)
    }

    #[test]
    fn what_follows_from_a_refused_password_does_not_hide_it() {
        let reasons = Reasons::default();
        let start = Instant::now();
        let refused = "SASL authentication error: Authentication failed";
        let password = error(RDKafkaErrorCode::Authentication);
        reasons.note_at(&password, refused, start);
        let down = error(RDKafkaErrorCode::AllBrokersDown);
        let lost = error(RDKafkaErrorCode::BrokerTransportFailure);
        reasons.note_at(&lost, "Connection refused", start);
        reasons.note_at(&down, "1/1 brokers are down", start);
        reasons.note_polled(&password);
        let told = reasons.last().expect("told");
        assert!(
            told.contains(refused) && told.contains("\"sasl.password\""),
            "{told}"
        );

        // Once nobody says it any more, something else is wrong.
        reasons.note_at(&lost, "Connection refused", start + HOLDS_FOR);
        assert_eq!(reasons.last().expect("told"), "Connection refused");
        reasons.note_at(&password, refused, start + HOLDS_FOR);
        reasons.forget();
        reasons.note_at(&lost, "Connection refused", start + HOLDS_FOR);
        assert_eq!(reasons.last().expect("told"), "Connection refused");
    }

    #[test]
    fn the_end_of_a_partition_is_no_reason() {
        let reasons = Reasons::default();
        reasons.note(&KafkaError::PartitionEOF(0), "end");
        assert_eq!(reasons.last(), None);
    }

    #[test]
    fn each_case_names_the_setting_to_look_at() {
        for (code, said, setting) in [
            (
                RDKafkaErrorCode::BrokerTransportFailure,
                "SSL connection closed by peer: connecting to a PLAINTEXT broker listener?",
                "expects no TLS",
            ),
            (
                RDKafkaErrorCode::Authentication,
                "SASL PLAIN mechanism handshake failed:\n broker's supported mechanisms: SCRAM-SHA-512",
                "\"sasl.mechanism\"",
            ),
            (
                RDKafkaErrorCode::SSL,
                "SSL handshake failed: certificate verify failed",
                "\"ssl.ca.location\"",
            ),
            (
                RDKafkaErrorCode::AllBrokersDown,
                "1/1 brokers are down",
                "may expect TLS",
            ),
        ] {
            let reasons = Reasons::default();
            reasons.note(&error(code), said);
            let told = reasons.last().expect("told");
            assert!(told.contains(setting), "{told}");
            assert!(!told.contains('\n'), "{told}");
        }
    }
}
