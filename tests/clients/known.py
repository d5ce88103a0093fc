"""What the events say, from their JSON lines, and how `clockstop assess` judges them: no table is read here."""
import collections
import datetime
import json
import zoneinfo

DATES = {
    "referral_received": "cancer_referral_to_treatment_period_start_date",
    "first_seen": "date_first_seen",
    "consultant_upgrade": "consultant_upgrade_date",
    "transfer": "date_of_transfer_to_treatment",
    "outcome_communicated": "cancer_faster_diagnosis_pathway_end_date",
    "diagnosis_recorded": "date_of_diagnosis",
    "milestone_recorded": "milestone_date",
    "decision_to_treat": "cancer_treatment_period_start_date",
    "treatment_started": "treatment_start_date_cancer",
}
LONDON = zoneinfo.ZoneInfo("Europe/London")
ITEMS = {
    "transfer": "transfer_id",
    "diagnosis_recorded": "primary_id",
    "milestone_recorded": "milestone_id",
    "decision_to_treat": "treatment_id",
    "treatment_started": "treatment_id",
    "treatment_adjustment": "treatment_id",
}


def day(text):
    return datetime.date.fromisoformat(text) if text else None


def site(text):
    return text[:3] if text else None


class Known:
    """The reports that count: per fact and source the greatest version, and between sources the greatest of these."""

    def __init__(self, path):
        kept = {}
        for line in open(path):
            event = json.loads(line)
            pathway = f'{event["organisation_identifier_issuer"]}:{event["patient_pathway_identifier"]}'
            kind = event["event_type"]
            item = event.get(ITEMS.get(kind), "1")
            version = (event["recorded_at"], event.get("entered_in_error", False), event["event_id"])
            register = (pathway, kind, item, event["source_system"])
            if register not in kept or kept[register][0] < version:
                kept[register] = (version, event)
        self.reports = [event for _, event in kept.values() if not event.get("entered_in_error")]
        facts = {}
        for (pathway, kind, item, _), (version, event) in kept.items():
            if event.get("entered_in_error"):
                continue
            if (pathway, kind, item) not in facts or facts[pathway, kind, item][0] < version:
                facts[pathway, kind, item] = (version, event)
        self.facts = collections.defaultdict(dict)
        for (pathway, kind, item), (_, event) in facts.items():
            self.facts[pathway, kind][item] = event

    def all(self, pathway, kind):
        return self.facts.get((pathway, kind), {})

    def one(self, pathway, kind):
        return self.all(pathway, kind).get("1", {})

    def last_dated(self, pathway, on):
        """The date of the latest fact up to the day; a plan is none."""
        dates = [
            day(event[DATES[kind]])
            for kind in DATES
            for event in self.all(pathway, kind).values()
            if event.get(DATES[kind]) and not event.get("planned")
        ]
        return max((dated for dated in dates if dated <= on), default=None)

    def decided(self, pathway, primary, on):
        """A decision or ECAD for this primary is dated up to the day, not declined."""
        return any(
            event.get("primary_id", "1") == primary
            and event.get("cancer_treatment_modality") != "98"
            and (dated := day(event.get("cancer_treatment_period_start_date")))
            and dated <= on
            for event in self.all(pathway, "decision_to_treat").values()
        )

    def expected(self, pathway, primary, on):
        """The same, but a plain decision, and for a first treatment or one not known."""
        started = self.all(pathway, "treatment_started")
        return any(
            event.get("primary_id", "1") == primary
            and not event.get("is_earliest_clinically_appropriate_date")
            and event.get("cancer_treatment_modality") != "98"
            and (started.get(item, {}).get("cancer_treatment_event_type") or event.get("cancer_treatment_event_type"))
            in (None, "01", "07", "12")
            and (dated := day(event.get("cancer_treatment_period_start_date")))
            and dated <= on
            for item, event in self.all(pathway, "decision_to_treat").items()
        )


def assessed(path):
    """Pathways as `clockstop assess --format json` prints them."""
    return [json.loads(line) for line in open(path)]


def clocks(pathways):
    for pathway in pathways:
        for clock in pathway["clocks"]:
            yield pathway, clock


def counted_shares(pathways):
    """(pathway, clock, organisation, patients, within) of every counted wait, 62-day ones as allocated."""
    for pathway in pathways:
        shares = {entry["primary_id"]: entry for entry in pathway["allocation"]}
        for clock in pathway["clocks"]:
            if clock["state"] != "stopped" or not clock["counted"]:
                continue
            if clock["standard"] != "62D":
                yield pathway, clock, clock.get("organisation"), 1, int(clock["within"])
                continue
            for share in shares.get(clock["primary_id"], {"shares": []})["shares"]:
                patients, breaches = share["patients"], share["breaches"]
                if patients:
                    yield pathway, clock, share["organisation"], patients, patients - breaches
