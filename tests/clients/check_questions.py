"""Holds every answer of docs/questions.md against a count of its own.

check_questions.py DOCUMENT WORK: WORK holds events.jsonl, sunday-events.jsonl, today.jsonl and sunday.jsonl (assessments), early.jsonl (that
of a release), and the folders first (analysts) and care (identifiable).
Each query runs word for word in `care`, whose pathways are those of the events; `first` must say the same but for the
pseudonyms, and what it says must be what the document prints.
"""
import collections
import csv
import datetime
import json
import math
import pathlib
import statistics
import sys
from fractions import Fraction

import polars

import questions
from known import LONDON, Known, assessed, clocks, counted_shares, day, site

TODAY, SUNDAY = datetime.date(2026, 3, 13), datetime.date(2026, 3, 8)
REPOSITORY = pathlib.Path(__file__).parents[2]
JANUARY = "2026-01"
OURS = "RAJ"


def near(one, other):
    """Equal, or both rounded to a tenth from the same value."""
    if isinstance(other, (int, float, Fraction)) and one is not None and not isinstance(one, (bool, str)):
        return abs(float(one) - float(other)) <= 0.0500001
    return one == other


def same(what, found, expected):
    if isinstance(expected, dict):
        assert set(found) == set(expected), f"{what}: {set(found) ^ set(expected)}"
        for key, value in expected.items():
            same(f"{what} {key}", found[key], value)
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), f"{what}: {found} against {expected}"
        for one, other in zip(found, expected):
            same(what, one, other)
    else:
        assert near(found, expected), f"{what}: {found} against {expected}"


def keyed(rows, width):
    """Rows by their first columns; a single key column stands alone."""
    return {(row[0] if width == 1 else row[:width]): list(row[width:]) for row in rows}


def percent(part, whole):
    return 100 * Fraction(part) / Fraction(whole) if whole else None


def threshold(standard, kind, month):
    for row in csv.DictReader(open(REPOSITORY / "pipeline/src/reference/thresholds.csv")):
        if (row["standard"], row["kind"]) == (standard, kind) and row["from_month"] <= month <= (row["to_month"] or "9999"):
            return Fraction(row["value"])
    return None


def short(threshold, total, within, unit=Fraction(1)):
    """Patients short with the total as it is, in whole units."""
    return max(Fraction(0), math.ceil(threshold * total / unit) * unit - within)


def sums(rows):
    """The sums of (key, numbers...) by key."""
    found = {}
    for key, *numbers in rows:
        before = found.get(key, [0] * len(numbers))
        found[key] = [one + other for one, other in zip(before, numbers)]
    return found


class Check:
    def __init__(self, work):
        self.known = Known(work / "events.jsonl")
        self.known_on_sunday = Known(work / "sunday-events.jsonl")
        self.today = assessed(work / "today.jsonl")
        self.sunday = assessed(work / "sunday.jsonl")
        self.early = assessed(work / "early.jsonl")
        self.work = work
        read = lambda table: polars.read_parquet(f"{work}/care/current/{table}/*.parquet")
        self.clocks = {
            (row["pathway"], row["standard"], row["primary_id"] if row["standard"] == "62D" else row["treatment_id"]): row
            for row in read("clocks").iter_rows(named=True)
        }
        self.groups = {row["wait_id"]: row for row in read("waits").iter_rows(named=True)}
        self.regions = dict(
            read("organisations").filter(polars.col("basis") == "PROVIDER").select("organisation", "region").iter_rows()
        )
        self.providers = dict(read("pathways").select("pathway", "provider").iter_rows())

    def wait(self, pathway, clock):
        item = {"FDS": None, "62D": clock.get("primary_id"), "31D": clock.get("treatment_id")}[clock["standard"]]
        return self.groups["/".join(part for part in [pathway["pathway"], clock["standard"], item] if part)]

    def responsible(self, pathway, clock):
        item = {"FDS": None, "62D": clock.get("primary_id"), "31D": clock.get("treatment_id")}[clock["standard"]]
        return self.clocks[pathway["pathway"], clock["standard"], item]["responsible_organisation"]

    # 1
    def breaching(self, days):
        for pathway, clock in clocks(self.today):
            if clock["state"] != "running" or not clock["counted"] or "frozen_at" in clock:
                continue
            if TODAY < day(clock["breach_from"]) <= TODAY + datetime.timedelta(days):
                planned = [
                    day(event["milestone_date"])
                    for event in self.known.all(pathway["pathway"], "milestone_recorded").values()
                    if event.get("planned") and event.get("milestone_date") and day(event["milestone_date"]) >= TODAY
                ]
                yield pathway, clock, min(planned, default=None)

    def question_1(self, counts, names):
        expected = {}
        for standard in ("FDS", "62D", "31D"):
            week, fortnight = (
                [(clock, step) for _, clock, step in self.breaching(days) if clock["standard"] == standard] for days in (7, 14)
            )
            none = lambda found: sum(step is None for _, step in found)
            late = sum(step is not None and step > day(clock["last_compliant"]) for clock, step in fortnight)
            expected[standard] = [len(week), none(week), len(fortnight), none(fortnight), late]
        same("1: counts", keyed(counts, 1), expected)
        expected = sorted(
            (pathway["pathway"][:8], clock["standard"], day(clock["breach_from"]), clock["days_left"],
             self.known.last_dated(pathway["pathway"], TODAY))
            for pathway, clock, step in self.breaching(7)
            if step is None and self.responsible(pathway, clock) == OURS
        )
        same("1: names", sorted((*row[:4], row[5]) for row in names), expected)

    # 2
    def question_2(self, decided, standing):
        counts = collections.Counter()
        for pathway, clock in clocks(self.today):
            standard = clock["standard"]
            if clock["state"] == "stopped" and clock["counted"] and clock.get("report_month") == "2026-03":
                counts[standard, "stopped"] += 1
                counts[standard, "within"] += clock["within"]
            if clock["state"] != "running" or not clock["counted"]:
                continue
            if standard == "62D" and not self.known.expected(pathway["pathway"], clock["primary_id"], TODAY):
                continue
            last = day(clock["last_compliant"])
            counts[standard, "compliant"] += last >= TODAY
            counts[standard, "late"] += last < TODAY
            counts[standard, "due"] += TODAY <= last < datetime.date(2026, 3, 31)
        expected = {}
        for standard in ("FDS", "62D", "31D"):
            within, stopped, compliant, late, due = (
                counts[standard, what] for what in ("within", "stopped", "compliant", "late", "due")
            )
            aim = threshold(standard, "standard", "2026-03")
            expected[standard] = [within, stopped, compliant, late, due, percent(within, stopped + late + due)]
            expected[standard] += [percent(within + compliant, stopped + compliant), 100 * aim]
            expected[standard] += [short(aim, stopped + compliant, within + compliant)]
        same("2: where it lands", keyed(decided, 1), expected)
        totals = sums(
            (clock["standard"], Fraction(patients), Fraction(within))
            for _, clock, _, patients, within in counted_shares(self.today)
            if clock["report_month"] == "2026-03"
        )
        expected = {}
        for standard, (total, within) in totals.items():
            unit = Fraction(1, 2) if standard == "62D" else Fraction(1)
            aims = [threshold(standard, kind, "2026-03") for kind in ("standard", "plan")]
            shorts = [None if aim is None else short(aim, total, within, unit) for aim in aims]
            expected[standard] = [total, within, percent(within, total), *shorts]
        same("2: as it stands", keyed(standing, 1), expected)

    # 3
    def our_breaches(self):
        for pathway, clock, organisation, patients, within in counted_shares(self.today):
            if clock["standard"] != "62D" or organisation != OURS or patients == within:
                continue
            key = pathway["pathway"]
            start = self.known.all(key, "treatment_started")[clock["treatment_id"]]
            treated_by = site(start["organisation_site_identifier_of_provider_treatment_start_date_cancer"])
            method = next(entry["method"] for entry in pathway["allocation"] if entry["primary_id"] == clock["primary_id"])
            role = "sole" if method == "SOLO" else "treating" if treated_by == OURS else "investigating"
            told = day(self.known.one(key, "outcome_communicated").get("cancer_faster_diagnosis_pathway_end_date"))
            decision = self.known.all(key, "decision_to_treat").get(clock["treatment_id"], {})
            seen = self.known.one(key, "first_seen")
            handed = self.known.one(key, "transfer").get("date_of_transfer_to_treatment")
            yield {
                "role": role,
                "method": method,
                "clock": clock,
                "pathway": key,
                "breaches": patients - within,
                "start": day(clock["start"]),
                "seen": day(seen.get("date_first_seen")),
                "told": told,
                "decided": day(decision.get("cancer_treatment_period_start_date")),
                "stop": day(clock["stop"]),
                "handed": day(handed) if method.startswith("S") and method != "SOLO" else None,
                "adjusted": seen.get("waiting_time_adjustment_first_seen") or 0,
            }

    def question_3(self, legs, one_by_one):
        found = collections.defaultdict(list)
        for breach in self.our_breaches():
            found[breach["role"], breach["method"]].append(breach)
        expected = {}
        for key, breaches in found.items():
            row = [len(breaches), sum(breach["breaches"] for breach in breaches)]
            for one, other in [("start", "seen"), ("seen", "told"), ("told", "decided"), ("decided", "stop")]:
                spans = [(breach[other] - breach[one]).days for breach in breaches if breach[one] and breach[other]]
                row.append(statistics.mean(spans) if spans else None)
            handed = [breach for breach in breaches if breach["handed"]]
            leg38 = [(breach["handed"] - breach["start"]).days - breach["adjusted"] for breach in handed]
            leg24 = [breach["clock"]["days"] - leg for breach, leg in zip(handed, leg38)]
            expected[key] = row + [statistics.mean(leg) if leg else None for leg in (leg38, leg24)]
        same("3: legs", keyed(legs, 2), expected)
        expected = sorted(
            (breach["pathway"][:8], breach["breaches"], breach["clock"]["days"], breach["start"], breach["seen"],
             str(breach["told"]), str(breach["decided"]), breach["stop"])
            for breach in self.our_breaches()
            if breach["clock"]["report_month"] == "2026-02"
        )
        rows = ((*row[:3], row[6], row[7], str(row[8]), str(row[9]), row[11]) for row in one_by_one)
        same("3: one by one", sorted(rows), expected)

    # 4
    def running(self, pathways, known, on):
        for pathway, clock in clocks(pathways):
            if clock["standard"] == "62D" and clock["state"] == "running":
                days = clock["days"]
                band = "0-28" if days <= 28 else "29-62" if days <= 62 else "63-104" if days <= 104 else ">104"
                yield band, known.decided(pathway["pathway"], clock["primary_id"], on)

    def question_4(self, bands, moved):
        now = collections.Counter(self.running(self.today, self.known, TODAY))
        then = collections.Counter(self.running(self.sunday, self.known_on_sunday, SUNDAY))
        expected = {key: [now[key], then[key], now[key] - then[key]] for key in now | then}
        same("4: bands", keyed(bands, 2), expected)
        items = collections.Counter()
        for _, clock in clocks(self.today):
            if clock["standard"] != "62D" or clock["state"] == "not_started":
                continue
            recent = lambda text: text is not None and SUNDAY < day(text) <= TODAY
            items["opened"] += recent(clock["start"])
            if clock["state"] == "stopped" and recent(clock["stop"]):
                verdict = "within" if clock["within"] else "late"
                items["stopped_" + (verdict if clock["counted"] else "uncounted")] += 1
        found = {item: clocks for item, reason, clocks in moved if item in items}
        same("4: moved", found, {item: count for item, count in items.items() if count})
        # Nobody crosses but who was there on Sunday, or came later with a start so long ago.
        then, now = ({(row[0]["pathway"], row[1]["primary_id"]): row[1] for row in clocks(pathways)
                      if row[1]["standard"] == "62D" and row[1]["state"] in ("running", "stopped")}
                     for pathways in (self.sunday, self.today))
        for limit in (62, 104):
            crossed = 0
            for key, clock in now.items():
                on = day(clock["start"]) + datetime.timedelta(limit + 1 + clock["adjustment"])
                crossed += SUNDAY < on <= TODAY and clock["days"] > limit
            ended = sum(row[2] for row in moved if row[0] == "ended")
            found = next(row[2] for row in moved if row[0] == f"crossed_{limit}")
            assert crossed <= found <= crossed + ended, (limit, crossed, found)

    # 5
    def question_5(self, ours, changes, uncounted):
        sql = next(sql for number, sql, _ in questions.blocks((REPOSITORY / "docs/questions.md").read_text()) if number == 5)
        then, now = (
            sums(
                ((organisation, clock["standard"]), Fraction(patients), Fraction(within))
                for _, clock, organisation, patients, within in counted_shares(pathways)
                # S3H9L is published with five characters (statistics 1); an assessment has three.
                if clock["report_month"] == JANUARY and organisation not in (None, "S3H")
            )
            for pathways in (self.early, self.today)
        )
        for organisation in sorted({key[0] for key in [*then, *now]}):
            _, rows = questions.run(sql.replace(OURS, organisation), self.work / "first")
            found = {}
            for month, release, standard, _, *cells in rows:
                assert (month, release) == (JANUARY, "provisional")
                before, after, before_within, after_within = (cell or 0 for cell in cells)
                found[standard] = [[before, before_within], [after, after_within]]
            for standard in ("FDS", "62D", "31D"):
                expected = [total.get((organisation, standard), [0, 0]) for total in (then, now)]
                same(f"5: {organisation} {standard}", found.get(standard, [[0, 0], [0, 0]]), expected)
        reported = [
            {
                (pathway["pathway"], clock["standard"], clock.get("primary_id"), clock.get("treatment_id")): clock["report_month"]
                for pathway, clock, *_ in counted_shares(pathways)
            }
            for pathways in (self.early, self.today)
        ]
        expected = collections.Counter()
        for wait in {*reported[0], *reported[1]}:
            months = [of.get(wait) for of in reported]
            if JANUARY not in months or months[0] == months[1]:
                continue
            what = "in another month" if None not in months else "counts no more" if months[1] is None else "reported late"
            expected[JANUARY, wait[1], what] += 1
        assert sum(expected.values()) > 2, f"the release differs too little to say anything: {expected}"
        found = {tuple(row[:3]): row[3] for row in changes if row[2] != "other share, provider or verdict"}
        same("5: changes", found, dict(expected))
        expected = collections.Counter()
        for pathway, clock in clocks(self.today):
            if clock["state"] == "stopped" and not clock["counted"] and clock["stop"] >= "2026-01":
                expected[clock["stop"][:7], clock["standard"], clock["reason"]] += 1
        found = {row[:3]: row[3] for row in uncounted if row[1] != "FIRST_SEEN"}
        same("5: uncounted", found, dict(expected))

    # 6
    def question_6(self, types, lags):
        names = {
            row["code"]: row["name"]
            for row in csv.DictReader(open(REPOSITORY / "pipeline/src/reference/suspected_types.csv"))
        }
        rows = []
        for pathway, clock, *_, within in counted_shares(self.today):
            if clock["standard"] == "FDS" and "2025-12" <= clock["report_month"] <= "2026-02":
                referral = self.known.one(pathway["pathway"], "referral_received")
                code = referral.get("two_week_wait_cancer_or_symptomatic_breast_referral_type")
                reason = self.known.one(pathway["pathway"], "outcome_communicated")["cancer_faster_diagnosis_pathway_end_reason"]
                is_cancer, is_out = int(reason == "01"), int(reason == "02")
                name = names.get(code, "Missing or Invalid")
                rows.append((name, 1, within, is_cancer, is_cancer * within, is_out, is_out * within))
        expected = {
            name: [told, percent(within, told), cancer, percent(cancer_in, cancer), out, percent(out_in, out)]
            for name, (told, within, cancer, cancer_in, out, out_in) in sums(rows).items()
        }
        same("6: types", keyed(types, 1), expected)
        by_source = collections.defaultdict(list)
        for event in self.known.reports:
            on = day(event.get("cancer_faster_diagnosis_pathway_end_date"))
            if event["event_type"] == "outcome_communicated" and on and on <= TODAY:
                recorded = datetime.datetime.fromisoformat(event["recorded_at"]).astimezone(LONDON).date()
                by_source[event["source_system"]].append((recorded - on).days)
        rows = []
        for source, found in by_source.items():
            found.sort()
            rank = lambda percent: found[-(-percent * len(found) // 100) - 1]
            if len(found) >= 100:
                rows.append((source, len(found), rank(50), rank(90)))
        rows.sort(key=lambda row: (-row[3], -row[2], row[0]))
        same("6: lags", lags, rows[:10])

    # 7
    def against_peers(self, what, found, standard, group):
        rows = []
        for pathway, clock, organisation, patients, within in counted_shares(self.today):
            if clock["standard"] != standard or not "2025-04" <= clock["report_month"] <= "2026-03":
                continue
            if self.regions.get(organisation) != "East of England":
                continue
            us, patients, within = organisation == OURS, Fraction(patients), Fraction(within)
            rows.append((group(self.wait(pathway, clock), pathway), us * patients, us * within,
                         (not us) * patients, (not us) * within))
        expected = {
            key: [ours, percent(ours_in, ours), peers or None, percent(peers_in, peers)]
            for key, (ours, ours_in, peers, peers_in) in sums(rows).items()
            if ours >= 5
        }
        same(what, keyed(found, 2), expected)

    def question_7(self, tumours, modalities):
        routes = {"USC": "Urgent Suspected Cancer", "BREAST_SYMPTOMATIC": "Breast Symptomatic",
                  "SCREENING": "Screening", "UPGRADE": "Consultant Upgrade"}
        stages = {True: "First Treatment", False: "Subsequent"}
        self.against_peers("7: tumours", tumours, "62D", lambda wait, pathway: (wait["tumour_group"], routes[pathway["route"]]))
        first = lambda wait: wait["cancer_treatment_event_type"] in ("01", "07", "12")
        self.against_peers("7: modalities", modalities, "31D", lambda wait, _: (wait["modality_group"], stages[first(wait)]))

    # 8
    def question_8(self, charts, causes):
        rates = sums(
            ((place, clock["standard"], clock["report_month"]), Fraction(patients), Fraction(within))
            for _, clock, organisation, patients, within in counted_shares(self.today)
            for place in (organisation, "ENGLAND")
            if clock["report_month"] < "2026-03"
        )
        series = collections.defaultdict(list)
        for (place, standard, month), (total, within) in sorted(rates.items(), key=lambda entry: str(entry[0])):
            series[place, standard].append((month, float(within / total)))
        drawn, verdicts = {}, collections.Counter()
        for (place, standard), points in series.items():
            values = [value for _, value in points]
            if points[-1][0] != "2026-02":
                continue
            mean, limits, label = charted(values)
            up = label and ("Above" in label or "Increasing" in label)
            icon = "common_cause" if label is None else "improvement_high" if up else "concern_low"
            aim, (lower, upper) = float(threshold(standard, "standard", "2026-02")), limits
            passes = None not in limits and ((aim > upper) - (aim < lower))
            assurance = ["inconsistent", "consistent_fail", "consistent_pass"][passes]
            drawn[place, standard] = ["2026-02", 100 * values[-1], 100 * mean, *(limit and 100 * limit for limit in limits)]
            drawn[place, standard] += [label, icon, assurance]
            if place != "ENGLAND" and len(values) >= 13:
                kind = "common_cause" if label is None else "special_cause_" + icon.split("_")[0]
                verdicts[standard, kind, label] += 1
        same("8: charts", keyed(charts, 2), {key: row for key, row in drawn.items() if key[0] in ("ENGLAND", OURS)})
        same("8: causes", {(row[0], *row[2:4]): row[4] for row in causes}, dict(verdicts))

    # 9
    def question_9(self, rejected, warned):
        held = collections.Counter()
        for pathway in self.today:
            for finding in pathway["findings"]:
                held[self.providers[pathway["pathway"]], finding] += 1
        rejections = {row[2] for row in rejected}
        found = sums(((row[0], row[2]), row[5]) for row in rejected)
        same("9: rejected", found, {key: [count] for key, count in held.items() if key[1] in rejections})
        by_finding = sums((finding, count, 1) for (_, finding), count in held.items() if finding not in rejections)
        same("9: warned", {row[0]: list(row[2:]) for row in warned}, by_finding)

    # 10
    def question_10(self, groups, stages):
        rows = []
        for pathway, clock, _, patients, within in counted_shares(self.today):
            if clock["standard"] == "62D" and "2025-04" <= clock["report_month"] <= "2026-02":
                referral = self.known.one(pathway["pathway"], "referral_received")
                for dimension, group in groups_of(referral):
                    rows.append(((dimension, group), Fraction(patients), Fraction(within)))
        expected = {key: [patients, percent(within, patients)] for key, (patients, within) in sums(rows).items()}
        same("10: groups", keyed(groups, 2), expected)
        counts = collections.Counter()
        for (_, kind), primaries in self.known.facts.items():
            for event in primaries.values() if kind == "diagnosis_recorded" else ():
                code, stage = event.get("primary_diagnosis_icd") or "", event.get("stage_at_diagnosis")
                in_scope = ("C00" <= code[:3] <= "C97" or code[:3] == "D05") and not event.get("basal_cell_carcinoma")
                month = event.get("date_of_diagnosis", "")[:7]
                if in_scope and "2025-09" <= month <= "2026-02" and stage != "0":
                    counts[month, "all"] += 1
                    counts[month, "staged"] += stage in ("1", "2", "3", "4")
                    counts[month, "early"] += stage in ("1", "2")
        expected = {}
        for month in sorted({key[0] for key in counts}):
            everyone, staged, early = (counts[month, what] for what in ("all", "staged", "early"))
            expected[month] = [staged, everyone, percent(staged, everyone), early, percent(early, staged)]
        same("10: stages", keyed(stages, 1), expected)


def groups_of(referral):
    age, ethnic = referral.get("age_at_referral"), referral.get("ethnic_category")
    bands = [(15, "0-15"), (49, "16-49"), (59, "50-59"), (69, "60-69"), (79, "70-79"), (math.inf, "80+")]
    yield "age_band", "unknown" if age is None else next(band for last, band in bands if age <= last)
    yield "gender", referral.get("person_stated_gender_code") or "X"
    letters = {"ABC": "A-C", "DEFG": "D-G", "HJKL": "H-L", "MNP": "M-P", "RS": "R-S"}
    yield "ethnic_group", next((name for codes, name in letters.items() if ethnic and ethnic in codes), "Z/99")
    decile = referral.get("index_of_multiple_deprivation_decile")
    yield "deprivation_decile", "unknown" if decile is None else str(decile)


def charted(values):
    """Mean, limits, and the first rule of `NHSRplotthedots` 0.2.2 that flags the last point."""
    mean = statistics.fmean(values)
    moved = [abs(one - other) for one, other in zip(values, values[1:])]
    average = statistics.fmean(moved) if moved else 0
    kept = [move for move in moved if move < 3.267 * average]
    average = statistics.fmean(kept) if kept else 0
    lower, upper = (mean - 2.66 * average, mean + 2.66 * average) if average else (-math.inf, math.inf)
    near_by = 2 * 2.66 / 3 * average if average else math.inf
    limits = (lower, upper) if average else (None, None)
    last = values[-1]
    if not lower <= last <= upper:
        return mean, limits, "Above UCL" if last > upper else "Below LCL"
    seven, three = values[-7:], values[-3:]
    label = None
    if len(seven) == 7 and all(one < other for one, other in zip(seven, seven[1:])):
        label = "7 Point Trend (Increasing)"
    elif len(seven) == 7 and all(one > other for one, other in zip(seven, seven[1:])):
        label = "7 Point Trend (Decreasing)"
    else:
        close = [lower <= value <= upper and abs(value - mean) > near_by for value in three]
        for above, side in ((True, "Above CL"), (False, "Below CL")):
            beside = lambda points: all((value > mean) if above else (value < mean) for value in points)
            if len(three) == 3 and close[-1] and sum(close) >= 2 and beside(three):
                label = f"2 in 3 {side}"
            elif label is None and len(seven) == 7 and beside(seven):
                label = f"7 Points {side}"
    return mean, limits, label


def main():
    path, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    document = path.read_text()
    check, answers = Check(work), collections.defaultdict(list)
    wrong = []
    for number, sql, printed in questions.blocks(document):
        columns, rows = questions.run(sql, work / "care")
        answers[number].append(rows)
        columns, shown = questions.run(sql, work / "first")
        if questions.table(columns, shown) != printed:
            wrong.append(f"question {number}: the document prints another answer; write it anew with questions.py --write")
        rest = slice(1, None) if columns[0] == "pathway" else slice(None)
        if sorted(map(str, (row[rest] for row in rows))) != sorted(map(str, (row[rest] for row in shown))):
            wrong.append(f"question {number}: the planes differ")
    for number, rows in sorted(answers.items()):
        try:
            getattr(check, f"question_{number}")(*rows)
        except AssertionError as error:
            wrong.append(f"question {error}")
    print(json.dumps({"questions": len(answers), "blocks": sum(map(len, answers.values())), "wrong": wrong}, indent=1))


if __name__ == "__main__":
    main()
