"""Prints every alert up to the end of the topic: python read_alerts.py BOOTSTRAP REGISTRY [TOPIC]"""
import json
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap, registry_url = sys.argv[1:3]
topic = sys.argv[3] if len(sys.argv) > 3 else "cancer.alert"
from_avro = AvroDeserializer(SchemaRegistryClient({"url": registry_url}))
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "alert-reader",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
})
partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
for partition in partitions:
    _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
    consumer.assign([TopicPartition(topic, partition, 0)])
    while consumer.position([TopicPartition(topic, partition)])[0].offset < end:
        message = consumer.poll(1.0)
        if message is None or message.error() or message.value() is None:
            continue
        alert = from_avro(message.value(), SerializationContext(topic, MessageField.VALUE))
        print(json.dumps({name: alert[name] for name in (
            "alert_id", "standard", "transition", "level", "organisation", "breach_from", "days",
        )}, default=str))
consumer.close()
