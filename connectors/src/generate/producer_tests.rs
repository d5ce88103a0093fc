//! The producer against librdkafka's mock cluster.

use super::{Feed, FeedProducer, Plan, ProducerError, Rates, SchemaIds};
use crate::config::{GroupProtocol, Kafka, Topics};
use crate::kafka::client::Clients;
use crate::kafka::mock::Mock;
use clockstop_pipeline::Day;
use std::collections::BTreeMap;

const IDS: SchemaIds = SchemaIds([1, 2, 3]);

fn kafka(bootstrap: String) -> Kafka {
    Kafka {
        bootstrap,
        group_id: String::new(),
        group_protocol: GroupProtocol::Consumer,
        properties: BTreeMap::new(),
        topics: Topics::default(),
    }
}

fn open(bootstrap: String) -> Result<FeedProducer, ProducerError> {
    FeedProducer::open(&Clients::new(kafka(bootstrap)), IDS)
}

#[test]
fn everything_is_delivered_before_it_settles() {
    let mock = Mock::start(&Topics::default(), 3).expect("a cluster");
    let producer = open(mock.bootstrap()).expect("a producer");
    let plan = Plan {
        pathways: 400,
        seed: 1,
        from: Day::from_ymd(2026, 1, 1).expect("a day"),
        to: Day::from_ymd(2026, 2, 28).expect("a day"),
        rates: Rates::default(),
    };
    let mut feed = Feed::new(plan).expect("a feed");
    let mut sent = 0;
    while let Some((_, events)) = feed.next() {
        for event in &events {
            producer.send(event, feed.texts()).expect("taken");
            sent += 1;
        }
    }
    let ends = producer.settle().expect("delivered");
    assert_eq!(ends.values().sum::<i64>(), sent);
    assert!(ends.len() >= 6, "{ends:?}");
}

#[test]
fn a_missing_topic_is_named() {
    let others = Topics {
        treatment: "elsewhere".to_owned(),
        ..Topics::default()
    };
    let mock = Mock::start(&others, 1).expect("a cluster");
    let error = open(mock.bootstrap())
        .map(drop)
        .expect_err("a topic is missing");
    assert_eq!(
        error.to_string(),
        "there is no topic cancer.treatment; make it with `clockstop topics create`"
    );
}

#[test]
fn an_address_where_nobody_listens_is_named() {
    let nobody = open("127.0.0.1:1".to_owned());
    let error = nobody.map(drop).expect_err("nobody listens");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}
