"""The packages the client tests use are there, and a broker answers them: `smoke.py BOOTSTRAP TOPIC`."""

import sys

import duckdb
import pandas
import polars
import pyarrow
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer

bootstrap, topic = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "isolation.level": "read_committed"})
consumer.assign([TopicPartition(topic, 0, 0)])
record = consumer.poll(30)
assert record is not None and record.error() is None, record
print(record.value().decode())
consumer.close()

frame = pyarrow.table({"days": [28, 31, 62]})
assert duckdb.sql("select sum(days) from frame").fetchall() == [(121,)]
assert polars.from_arrow(frame)["days"].sum() == 121
assert isinstance(frame.to_pandas(), pandas.DataFrame)
assert AvroDeserializer and AvroSerializer
