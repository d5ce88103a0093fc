//! Clients that are not ours, against the same broker.

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use crate::LIMIT;
use crate::support::kafka::{shared_broker, unique};
use crate::support::{clients, topics};

#[test]
fn python_reads_what_rust_wrote() {
    let bootstrap = shared_broker();
    let topic = unique("outside");
    topics::create(bootstrap, &[&topic], 1);
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .unwrap();
    let record = BaseRecord::to(&topic).key("key").payload("from rust");
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(LIMIT).unwrap();

    let read = clients::python("smoke.py", &[bootstrap, &topic], &[]).expect_code(0);
    assert_eq!(read.stdout, "from rust\n");
}
