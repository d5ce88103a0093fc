"""Sends one referral: python send_referral.py BOOTSTRAP REGISTRY PATHWAY DATE [TOPIC]"""
import datetime
import sys
import uuid

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap, registry_url, identifier, received = sys.argv[1:5]
topic = sys.argv[5] if len(sys.argv) > 5 else "cancer.referral"
registry = SchemaRegistryClient({"url": registry_url})
schema = registry.get_latest_version(f"{topic}-value").schema
to_avro = AvroSerializer(registry, schema.schema_str, conf={"auto.register.schemas": False})

event = {
    "event_id": str(uuid.uuid4()),
    "event_type": "referral_received",
    "recorded_at": datetime.datetime.now(datetime.timezone.utc),
    "source_system": "RXX/example",
    "patient_pathway_identifier": identifier,
    "organisation_identifier_issuer": "RXX",
    "nhs_number": "9990000018",
    "cancer_referral_to_treatment_period_start_date": datetime.date.fromisoformat(received),
    "priority_type_code": "3",
    "source_of_referral_for_out_patients": "03",
    "two_week_wait_cancer_or_symptomatic_breast_referral_type": "07",
    "organisation_site_identifier": "RXX01",
}
# Without this partitioner the record lands on the wrong partition and is refused.
producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
value = to_avro(event, SerializationContext(topic, MessageField.VALUE))


def delivered(error, message):
    if error:
        sys.exit(f"not delivered: {error}")
    print(f"delivered to partition {message.partition()} at offset {message.offset()}")


producer.produce(topic, key=f"RXX:{identifier}", value=value, on_delivery=delivered)
if producer.flush(30):
    sys.exit("not delivered within 30 seconds")
