"""Zones and rules against an independent oracle: Python's zoneinfo and dateutil.

Everything is asked of one process, tests/support/when_tool.c, in batches. CALD_SEED changes the random rules.
"""
import datetime as dt
import json
import os
import pathlib
import random
import signal
import subprocess
import zoneinfo

import pytest
from dateutil.rrule import rrulestr

TOOL = pathlib.Path(os.environ.get("CALD_BUILD", "build/gcc")) / "tests" / "when_tool"
UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1)
EPOCH_UTC = EPOCH.replace(tzinfo=UTC)
QUARTER = dt.timedelta(minutes=15)
ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})


def ask(questions, tool=TOOL):
    done = subprocess.run([tool], input="\n".join(questions) + "\n", capture_output=True, text=True, timeout=100)
    assert done.returncode == 0 and done.stderr == "", done.stderr[-2000:]
    answers = done.stdout.splitlines()
    assert len(answers) == len(questions)
    return answers


def offset_seconds(zone, instant):
    return int((EPOCH_UTC + dt.timedelta(seconds=instant)).astimezone(zone).utcoffset().total_seconds())


def changes(zone, first_year, last_year):
    """The instants at which the offset changes, found by halving: no file is read by us."""
    step = 10 * 86400
    t = int((dt.datetime(first_year, 1, 1) - EPOCH).total_seconds())
    end = int((dt.datetime(last_year + 1, 1, 1) - EPOCH).total_seconds())
    found = []
    before = offset_seconds(zone, t)
    while t < end:
        after = offset_seconds(zone, t + step)
        if after != before:
            low, high = t, t + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_seconds(zone, middle) == before else (low, middle)
            found.append((high, before, after))
        before = after
        t += step
    return found


def expected_local(zone, local):
    """fold=0 is the first of two equal times, and in a gap the offset before it: forward by the gap."""
    aware = local.replace(tzinfo=zone)
    offset = aware.utcoffset()
    instant = int((local - EPOCH - offset).total_seconds())
    other = aware.replace(fold=1).utcoffset()
    real = offset_seconds(zone, instant)
    fold = 0 if offset == other else 1 if other > offset else 2
    return f"{instant} {real} {fold}"


def quarter_hours_around(change):
    at, before, after = change
    for side in {before, after}:
        middle = EPOCH + dt.timedelta(seconds=at + side)
        middle -= dt.timedelta(minutes=middle.minute % 15, seconds=middle.second)
        for i in range(-9, 10):
            yield middle + i * QUARTER


def differences(questions, expected, tool=TOOL):
    return [(q, e, a) for q, e, a in zip(questions, expected, ask(questions, tool)) if e != a]


def compare(questions, expected):
    wrong = differences(questions, expected)
    assert not wrong, f"{len(wrong)} of {len(questions)} differ (asked, expected, answered): {wrong[:5]}"
    return len(questions)


def zone_questions(name, zone, first_year, last_year):
    for change in changes(zone, first_year, last_year):
        for local in sorted(set(quarter_hours_around(change))):
            yield f"l\t{local.isoformat()}", expected_local(zone, local)
        for second in (-1, 0):
            t = change[0] + second
            offset = offset_seconds(zone, t)
            yield f"u\t{t}", f"{(EPOCH + dt.timedelta(seconds=t + offset)).isoformat()} {offset}"


def about_zones(names, first_year, last_year):
    """Questions, and what is to be answered."""
    questions, expected = [], []
    for name in names:
        questions.append(f"z\t{name}")
        expected.append("ok")
        for q, e in zone_questions(name, zoneinfo.ZoneInfo(name), first_year, last_year):
            questions.append(q)
            expected.append(e)
    return questions, expected


def ask_zones(names, first_year, last_year):
    return compare(*about_zones(names, first_year, last_year))


def file_bytes(name):
    return (pathlib.Path("/usr/share/zoneinfo") / name).read_bytes()


def distinct_zones():
    """One name for each content: links need no second look."""
    seen = {}
    for name in ZONES:
        seen.setdefault(file_bytes(name), name)
    return sorted(seen.values())


def test_every_iana_zone_can_be_read():
    assert len(ZONES) > 400
    assert set(ask([f"z\t{name}" for name in ZONES])) == {"ok"}


def test_quarter_hours_around_every_change_of_2024_to_2037_in_every_zone():
    assert ask_zones(distinct_zones(), 2024, 2037) > 50000


def test_changes_after_the_last_listed_one_to_2100():
    names = ["Europe/Paris", "Europe/Dublin", "Australia/Lord_Howe", "America/New_York", "America/Santiago",
             "Africa/Cairo", "Asia/Jerusalem", "America/Nuuk", "Antarctica/Troll", "Asia/Beirut"]
    assert ask_zones(names, 2060, 2100) > 5000


@pytest.mark.parametrize("mutant, year", [("SECOND_OF_TWO", 2026), ("GAP_BACK", 2026), ("NO_FOOTER", 2060)])
def test_a_zone_that_is_wrong_at_its_changes_is_found_out(mutant, year):
    """Of two equal times the second; in a gap back instead of forward; no change after the last listed one."""
    tool = TOOL.with_name(f"{TOOL.name}-{mutant}")
    for name in ("Europe/Paris", "America/New_York", "Australia/Lord_Howe"):
        question = about_zones([name], year, year)
        assert differences(*question, tool), f"nothing was seen in {name}"
        assert not differences(*question)


def test_days_that_were_skipped_or_doubled_and_changes_of_history():
    names = ["Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Asia/Pyongyang", "Europe/Moscow",
             "America/Caracas", "Africa/Casablanca", "Africa/Monrovia", "Asia/Manila", "America/Juneau"]
    questions, expected = [], []
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        questions.append(f"z\t{name}")
        expected.append("ok")
        for at, before, after in changes(zone, 1950, 2030):
            span = abs(after - before) + 7200
            local = EPOCH + dt.timedelta(seconds=at + min(before, after) - 3600)
            for i in range(0, span + 1, 900):
                moment = local + dt.timedelta(seconds=i)
                questions.append(f"l\t{moment.isoformat()}")
                expected.append(expected_local(zone, moment))
    assert compare(questions, expected) > 1000


def test_any_instant_and_any_wall_clock_time_from_1900_to_2100():
    rng = random.Random(seed())
    questions, expected = [], []
    for name in distinct_zones():
        zone = zoneinfo.ZoneInfo(name)
        questions.append(f"z\t{name}")
        expected.append("ok")
        for _ in range(20):
            t = rng.randrange(-2208988800, 4133980800)
            offset = offset_seconds(zone, t)
            questions.append(f"u\t{t}")
            expected.append(f"{(EPOCH + dt.timedelta(seconds=t + offset)).isoformat()} {offset}")
            local = EPOCH + dt.timedelta(seconds=rng.randrange(-2208988800, 4133980800))
            questions.append(f"l\t{local.isoformat()}")
            expected.append(expected_local(zone, local))
    compare(questions, expected)


# ---- rules ----

DAYS = "MO TU WE TH FR SA SU".split()
MONTHDAYS = [1, 2, 15, 28, 29, 30, 31, -1, -2, -15, -29, -31]
YEARDAYS = [1, 2, 59, 60, 61, 100, 200, 365, 366, -1, -2, -100, -365, -366]
# dateutil takes the last week of the year before for another one; see the test with isocalendar.
WEEKS = [1, 2, 10, 20, 40, 51, -1, -2, -10]


def seed():
    value = int(os.environ.get("CALD_SEED", "20260329"))
    print(f"CALD_SEED={value}")
    return value


def some(rng, values, most):
    return ",".join(str(v) for v in rng.sample(values, rng.randint(1, most)))


def day_parts(rng, freq):
    parts = []
    if rng.random() < 0.3:
        parts.append("BYMONTH=" + some(rng, range(1, 13), 5))
    if freq == "YEARLY" and rng.random() < 0.2:
        # BYDAY always: without it RFC 5545 takes the start's weekday, dateutil the whole week.
        return parts + ["BYWEEKNO=" + some(rng, WEEKS, 3), "BYDAY=" + some(rng, DAYS, 4)]
    if freq != "WEEKLY" and rng.random() < 0.3:
        parts.append("BYMONTHDAY=" + some(rng, MONTHDAYS, 5))
    if freq in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and rng.random() < 0.15:
        parts.append("BYYEARDAY=" + some(rng, YEARDAYS, 5))
    if rng.random() < 0.4:
        numbered = freq in ("MONTHLY", "YEARLY") and rng.random() < 0.5
        days = [f"{n}{d}" for n in (1, 2, 3, 5, -1, -2, -5) for d in DAYS] if numbered else DAYS
        parts.append("BYDAY=" + some(rng, days, 4))
    return parts


def time_parts(rng):
    parts = []
    if rng.random() < 0.25:
        parts.append("BYHOUR=" + some(rng, range(24), 4))
    if rng.random() < 0.2:
        parts.append("BYMINUTE=" + some(rng, range(60), 4))
    if rng.random() < 0.1:
        parts.append("BYSECOND=" + some(rng, range(60), 3))
    return parts


def week_is_whole(rule, start):
    """dateutil lets BYSETPOS count from the start instead of in the whole first week."""
    return "WEEKLY" not in rule or "BYSETPOS" not in rule or f"WKST={DAYS[start.weekday()]}" in rule


def random_rule(rng, start):
    freq = rng.choice(["YEARLY"] * 4 + ["MONTHLY"] * 4 + ["WEEKLY"] * 4 + ["DAILY"] * 3 + ["HOURLY", "MINUTELY",
                                                                                      "SECONDLY"])
    parts = day_parts(rng, freq) + time_parts(rng)
    if parts and rng.random() < 0.3:
        parts.append("BYSETPOS=" + some(rng, [1, 2, 3, 5, -1, -2, -4], 3))
    if rng.random() < 0.4:
        parts.append(f"INTERVAL={rng.choice([2, 3, 4, 5, 6, 7, 10, 12, 90])}")
    if rng.random() < 0.3:
        parts.append("WKST=" + rng.choice(DAYS))
    ending = rng.random()
    if ending < 0.3:
        parts.append(f"COUNT={rng.randint(1, 40)}")
    elif ending < 0.5:
        until = start + dt.timedelta(seconds=rng.randrange(86400 * 900))
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%S}")
    rng.shuffle(parts)
    return ";".join(["FREQ=" + freq] + parts)


class TooRare(Exception):
    pass


def oracle(rule, start, most, seconds=0.06):
    """The first times by dateutil, which has no limit of its own on how long it looks."""
    def give_up(*_):
        raise TooRare

    signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    times = []
    try:
        for time in rrulestr("RRULE:" + rule, dtstart=start):
            if time.year > 2100 or len(times) == most:
                break
            times.append(time)
    except ValueError as error:  # it says so of INTERVAL and BY… that never meet
        raise TooRare from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return times


def as_instants(times, zone):
    return sorted({int((t - EPOCH - t.replace(tzinfo=zone).utcoffset()).total_seconds()) for t in times})


def test_random_rules_fall_where_dateutil_says():
    rng = random.Random(seed())
    questions, expected = [], []
    while len(questions) < 2000:
        start = dt.datetime(2000, 1, 1) + dt.timedelta(seconds=rng.randrange(86400 * 366 * 30))
        rule = random_rule(rng, start)
        if not week_is_whole(rule, start):
            continue
        try:
            times = oracle(rule, start, 30)
        except TooRare:
            continue
        if not times and "UNTIL" not in rule:
            continue  # refused: see the unit tests
        questions.append(f"b\tEtc/UTC\t{start.isoformat()}\t{rule}\t-99999999999\t30")
        expected.append(" ".join(str(int((t - EPOCH).total_seconds())) for t in times))
    answers = ask(questions)
    wrong = [(q, e, a) for q, e, a in zip(questions, expected, answers)
             if e != a and not (e == "" and a.startswith("error: the rule"))]
    assert not wrong, f"{len(wrong)} of {len(questions)} differ (asked, expected, answered): {wrong[:5]}"


@pytest.mark.parametrize("weeks", [[52], [53], [-1], [-52], [-53], [1], [1, 53], [-2, 52]])
def test_week_numbers_are_those_of_the_iso_calendar(weeks):
    start = dt.datetime(1998, 1, 1, 9)
    days = [start + dt.timedelta(days=i) for i in range(40 * 366)]

    def taken(day):
        year, week, _ = day.isocalendar()
        last = dt.date(year, 12, 28).isocalendar()[1]
        return week in weeks or week - last - 1 in weeks

    times = [d for d in days if taken(d)]
    rule = f"FREQ=YEARLY;BYWEEKNO={','.join(map(str, weeks))};BYDAY=MO,TU,WE,TH,FR,SA,SU;UNTIL={days[-1]:%Y%m%d}"
    answer, = ask([f"b\tEtc/UTC\t{start.isoformat()}\t{rule}\t-99999999999\t99999"])
    assert answer == " ".join(str(int((t - EPOCH).total_seconds())) for t in times)


def test_random_rules_seen_from_later_on_fall_where_dateutil_says():
    rng = random.Random(seed() + 1)
    questions, expected = [], []
    while len(questions) < 400:
        start = dt.datetime(2000, 1, 1) + dt.timedelta(seconds=rng.randrange(86400 * 366 * 10))
        rule = random_rule(rng, start)
        if not week_is_whole(rule, start):
            continue
        try:
            times = oracle(rule, start, 60)
        except TooRare:
            continue
        if len(times) < 6:
            continue
        later = times[rng.randrange(len(times) - 4)] + dt.timedelta(seconds=rng.randrange(2))
        times = [t for t in times if t >= later][:4]
        questions.append(f"b\tEtc/UTC\t{start.isoformat()}\t{rule}\t{int((later - EPOCH).total_seconds())}\t4")
        expected.append(" ".join(str(int((t - EPOCH).total_seconds())) for t in times))
    answers = ask(questions)
    # The 60 times of the oracle may end before ours do.
    wrong = [(q, e, a) for q, e, a in zip(questions, expected, answers) if not e or not a.startswith(e)]
    assert not wrong, f"{len(wrong)} of {len(questions)} differ (asked, expected, answered): {wrong[:5]}"


def test_rules_through_both_changes_of_hour_keep_the_wall_clock():
    rng = random.Random(seed() + 2)
    questions, expected = [], []
    for name in ("Europe/Paris", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo"):
        zone = zoneinfo.ZoneInfo(name)
        for _ in range(60):
            at, before, _ = rng.choice(changes(zone, 2012, 2018))
            start = EPOCH + dt.timedelta(seconds=(at + before) // 900 * 900 - rng.randrange(3 * 96) * 900)
            rule = rng.choice(["FREQ=DAILY;COUNT=6", "FREQ=HOURLY;COUNT=60", "FREQ=MINUTELY;INTERVAL=15;COUNT=200",
                               "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30;COUNT=30", "FREQ=WEEKLY;BYDAY=SU,MO;COUNT=3"])
            instants = as_instants(oracle(rule, start, 300), zone)
            questions.append(f"b\t{name}\t{start.isoformat()}\t{rule}\t0\t300")
            expected.append(" ".join(str(t) for t in instants))
    compare(questions, expected)


def test_the_answer_as_json_says_where_each_time_really_falls():
    answer, = ask(["w\tEurope/Paris\t2026-03-27T02:30\tFREQ=DAILY;COUNT=4\t2026-03-28\t0"])
    assert json.loads(answer) == [
        {"local": "2026-03-27T02:30:00", "offset": "+01:00", "utc": "2026-03-27T01:30:00Z"},
        {"local": "2026-03-29T03:30:00", "offset": "+02:00", "utc": "2026-03-29T01:30:00Z"},
        {"local": "2026-03-30T02:30:00", "offset": "+02:00", "utc": "2026-03-30T00:30:00Z"},
    ]


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"])
def test_a_rule_without_end_gives_ten(rule):
    answer, = ask([f"w\tEtc/UTC\t2024-02-29T09:00\t{rule}\t-\t0"])
    assert len(json.loads(answer)) == 10
