//! The producer against librdkafka's mock cluster.

use super::{Feed, FeedProducer, Plan, ProducerError, Rates, SchemaIds};
use clockstop_pipeline::Day;
use rdkafka::mocking::MockCluster;

const IDS: SchemaIds = SchemaIds([1, 2, 3]);

fn topics() -> [String; 3] {
    ["r", "d", "t"].map(str::to_owned)
}

fn open(
    cluster: &MockCluster<'_, impl rdkafka::ClientContext>,
) -> Result<FeedProducer, ProducerError> {
    let bootstrap = cluster.bootstrap_servers();
    FeedProducer::open(&bootstrap, topics(), IDS)
}

#[test]
fn everything_is_delivered_before_it_settles() {
    let cluster = MockCluster::new(1).expect("a cluster");
    for topic in topics() {
        cluster.create_topic(&topic, 3, 1).expect("a topic");
    }
    let producer = open(&cluster).expect("a producer");
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
    let cluster = MockCluster::new(1).expect("a cluster");
    for topic in topics().iter().take(2) {
        cluster.create_topic(topic, 1, 1).expect("a topic");
    }
    let error = open(&cluster).map(drop).expect_err("a topic is missing");
    assert_eq!(
        error.to_string(),
        "there is no topic t; make it with `clockstop topics create`"
    );
}

#[test]
fn an_address_where_nobody_listens_is_named() {
    let nobody = FeedProducer::open("127.0.0.1:1", topics(), IDS);
    let error = nobody.map(drop).expect_err("nobody listens");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}
