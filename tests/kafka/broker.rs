//! The test broker itself: it serves transactions, and it keeps what it has committed.

use rdkafka::ClientConfig;
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use crate::LIMIT;
use crate::support::kafka::{Broker, shared_broker, unique};
use crate::support::topics;

#[test]
fn what_a_transaction_commits_is_read_and_what_it_aborts_is_not() {
    let bootstrap = shared_broker();
    let topic = unique("transactions");
    topics::create(bootstrap, &[&topic], 2);
    let producer = transactional(bootstrap, &topic);

    producer.begin_transaction().unwrap();
    send(&producer, &topic, "withdrawn");
    producer.abort_transaction(LIMIT).unwrap();
    producer.begin_transaction().unwrap();
    send(&producer, &topic, "kept");
    producer.commit_transaction(LIMIT).unwrap();

    assert_eq!(payloads(bootstrap, &topic), ["kept"]);
}

#[test]
fn a_committed_record_outlives_the_kill_of_the_broker() {
    let mut broker = Broker::start();
    let topic = unique("kill");
    topics::create(broker.bootstrap(), &[&topic], 1);
    let producer = transactional(broker.bootstrap(), &topic);
    producer.begin_transaction().unwrap();
    send(&producer, &topic, "before");
    producer.commit_transaction(LIMIT).unwrap();
    // The answer to a commit comes before its marker is written; killed in between, a node was seen to
    // come back with that transaction still open.
    assert_eq!(payloads(broker.bootstrap(), &topic), ["before"]);

    broker.kill();
    broker.restart();
    assert_eq!(payloads(broker.bootstrap(), &topic), ["before"]);

    broker.stop();
    broker.restart();
    assert_eq!(payloads(broker.bootstrap(), &topic), ["before"]);
}

fn transactional(bootstrap: &str, id: &str) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("transactional.id", id)
        .create()
        .unwrap();
    producer.init_transactions(LIMIT).unwrap();
    producer
}

fn send(producer: &BaseProducer, topic: &str, payload: &str) {
    producer
        .send(BaseRecord::to(topic).key("key").payload(payload))
        .map_err(|(error, _)| error)
        .unwrap();
    producer.flush(LIMIT).unwrap();
}

fn payloads(bootstrap: &str, topic: &str) -> Vec<String> {
    let records = topics::read_committed(bootstrap, topic);
    records
        .iter()
        .map(|record| String::from_utf8(record.payload().unwrap().to_vec()).unwrap())
        .collect()
}
