"""Prints the last word on every alert and the revisions of its history, as any read_committed consumer sees them:
python last_words.py BOOTSTRAP REGISTRY ALERT_TOPIC HISTORY_TOPIC"""
import json
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

COMPARED = ("level", "start", "last_compliant", "breach_from", "organisation", "stop", "within", "reason")

bootstrap, registry_url, alert_topic, history_topic = sys.argv[1:]
from_avro = AvroDeserializer(SchemaRegistryClient({"url": registry_url}))
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "last-words",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
})


def records(topic):
    """Key and alert of every committed record, partition by partition; the alert is None for a tombstone."""
    for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        consumer.assign([TopicPartition(topic, partition, 0)])
        while end and consumer.position([TopicPartition(topic, partition)])[0].offset < end:
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                context = SerializationContext(topic, MessageField.VALUE)
                value = message.value()
                yield message.key().decode(), None if value is None else from_avro(value, context)


last = dict(records(alert_topic))
revisions = {}
for key, alert in records(history_topic):
    revisions.setdefault(key, []).append(alert["revision"])
for key, alert in last.items():
    word = None if alert is None else {name: alert[name] for name in COMPARED}
    print(json.dumps({"alert_id": key, "word": word, "revisions": revisions.get(key)}, default=str))
consumer.close()
