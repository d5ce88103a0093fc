//! A dead letter: a record that was refused, on its way to the dead-letter topic and as it lies there.

use crate::config::Topics;
use clockstop_pipeline::Topic;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};

/// A value longer than this is left out, so that the letter fits where the record itself did.
const BODY_LIMIT: usize = 900_000;

/// Where a record lies in the log of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

impl Position {
    /// `topic/partition/offset`.
    pub(crate) fn key(&self, topics: &Topics) -> String {
        let topic = topics.input(self.topic);
        format!("{topic}/{}/{}", self.partition, self.offset)
    }

    /// The reverse of [`Position::key`].
    pub(crate) fn parse(key: &str, topics: &Topics) -> Option<Self> {
        let (rest, offset) = key.rsplit_once('/')?;
        let (topic, partition) = rest.rsplit_once('/')?;
        let mut named = topics.inputs().into_iter().zip(Topic::ALL);
        let (_, topic) = named.find(|(name, _)| *name == topic)?;
        Some(Self {
            topic,
            partition: partition.parse().ok()?,
            offset: offset.parse().ok()?,
        })
    }
}

/// A letter as it lies on the dead-letter topic, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    pub(crate) position: Position,
    pub(crate) reason: String,
    pub(crate) source: Option<String>,
    /// When the refused record arrived, in milliseconds since 1970.
    pub(crate) appended_at: Option<i64>,
}

impl Filed {
    /// The letter that this record is; none when it is of an input that the settings do not name.
    pub(crate) fn read(record: &impl Message, topics: &Topics) -> Option<Self> {
        let headers = record.headers()?;
        let text = |name: &str| {
            let header = headers.iter().find(|header| header.key == name)?;
            Some(core::str::from_utf8(header.value?).ok()?.to_owned())
        };
        let key = core::str::from_utf8(record.key()?).ok()?;
        Some(Self {
            position: Position::parse(key, topics)?,
            reason: text("reason")?,
            source: text("source"),
            appended_at: text("append_time").and_then(|at| at.parse().ok()),
        })
    }
}

/// A refused record. Its headers hold no patient data; the original bytes may.
#[derive(Debug)]
pub(crate) struct Letter {
    position: Position,
    reason: &'static str,
    appended_at: Option<i64>,
    source: Option<String>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Original(Vec<u8>),
    Empty,
    TooLarge(usize),
}

impl Letter {
    /// A letter for the record at this position; `appended_at` in milliseconds since 1970.
    pub(crate) fn new(
        position: Position,
        reason: &'static str,
        appended_at: Option<i64>,
        source: Option<&str>,
        value: Option<&[u8]>,
    ) -> Self {
        let body = match value {
            Some(value) if value.len() > BODY_LIMIT => Body::TooLarge(value.len()),
            Some(value) => Body::Original(value.to_vec()),
            None => Body::Empty,
        };
        Self {
            position,
            reason,
            appended_at,
            source: source.map(str::to_owned),
            body,
        }
    }

    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// `topic/partition/offset`.
    pub(crate) fn key(&self, topics: &Topics) -> String {
        self.position.key(topics)
    }

    /// The original bytes, where there were any and they fit.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Original(bytes) => Some(bytes),
            Body::Empty | Body::TooLarge(_) => None,
        }
    }

    /// Why, from where and since when.
    pub(crate) fn headers(&self, topics: &Topics) -> OwnedHeaders {
        let Position {
            partition, offset, ..
        } = self.position;
        let mut headers = OwnedHeaders::new();
        let mut add = |key, value: &str| {
            let header = Header {
                key,
                value: Some(value),
            };
            headers = core::mem::replace(&mut headers, OwnedHeaders::new()).insert(header);
        };
        add("reason", self.reason);
        add("topic", topics.input(self.position.topic));
        add("partition", &partition.to_string());
        add("offset", &offset.to_string());
        if let Some(at) = self.appended_at {
            add("append_time", &at.to_string());
        }
        if let Some(source) = &self.source {
            add("source", source);
        }
        if let Body::TooLarge(bytes) = self.body {
            add("left_out_bytes", &bytes.to_string());
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::{BODY_LIMIT, Filed, Letter, Position};
    use crate::config::Topics;
    use clockstop_pipeline::Topic;
    use rdkafka::Timestamp;
    use rdkafka::message::{Headers, OwnedMessage};

    fn letter(value: Option<&[u8]>) -> Letter {
        let position = Position {
            topic: Topic::Diagnosis,
            partition: 3,
            offset: 12,
        };
        Letter::new(position, "not_framed", Some(5), Some("RRV/epic"), value)
    }

    #[test]
    fn names_its_position_and_reason() {
        let topics = Topics::default();
        let letter = letter(Some(b"bytes"));
        assert_eq!(letter.key(&topics), "cancer.diagnosis/3/12");
        assert_eq!(letter.body(), Some(&b"bytes"[..]));
        let headers = letter.headers(&topics);
        let text: Vec<_> = headers
            .iter()
            .map(|header| {
                let value = header.value.and_then(|v| std::str::from_utf8(v).ok());
                format!("{}={}", header.key, value.expect("a text"))
            })
            .collect();
        let expected = "reason=not_framed topic=cancer.diagnosis partition=3 offset=12 append_time=5 source=RRV/epic";
        assert_eq!(text.join(" "), expected);
    }

    #[test]
    fn leaves_out_what_is_too_large() {
        let value = vec![0; BODY_LIMIT + 1];
        let letter = letter(Some(&value));
        assert_eq!(letter.body(), None);
        let headers = letter.headers(&Topics::default());
        assert!(headers.iter().any(|header| header.key == "left_out_bytes"));
    }

    #[test]
    fn comes_back_as_it_was_filed() {
        let topics = Topics::default();
        let letter = letter(None);
        let record = |topics: &Topics| {
            OwnedMessage::new(
                None,
                Some(letter.key(topics).into_bytes()),
                topics.dead_letter.clone(),
                Timestamp::NotAvailable,
                0,
                7,
                Some(letter.headers(topics)),
            )
        };
        let filed = Filed {
            position: letter.position(),
            reason: "not_framed".to_owned(),
            source: Some("RRV/epic".to_owned()),
            appended_at: Some(5),
        };
        assert_eq!(Filed::read(&record(&topics), &topics), Some(filed));
        let others = Topics::beginning_with("other");
        assert_eq!(Filed::read(&record(&others), &topics), None);
    }
}
