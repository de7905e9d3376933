"""calctl export: CSV that other readers read and spreadsheets do not run, JSON, iCalendar; filters; any number of rows."""
import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import icalendar
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import ACCOUNTS, CALCTL, Daemon  # noqa: E402
from pictures import png  # noqa: E402

HEAD = "version: 1\ntimezone: Europe/Paris\n"
MASTODON = '  masto: {network: mastodon, url: "http://127.0.0.1:9", token: {file: token}}\n'
FORMULAS = ["=1+1", "+33 4 50", "- item\n- item", "@anna hello", "＝1", "'=1", "'tis", " =1"]
TEXT = 'He said "hi", then; left\nÉté 🏔️ 👩‍🚒'


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


POSTS = "posts:\n" + "".join(
    f"  - {{id: f{i}, at: 2034-06-{i + 1:02} 10:00, to: [site], text: {quoted(t)}}}\n" for i, t in enumerate(FORMULAS)) + f"""\
  - id: full
    at: 2034-07-01 09:00
    to: [site, other, masto]
    bucket: news
    text: {quoted(TEXT)}
    title: "=cmd|'/c calc'!A1"
    link: https://example.org/hiver?a=1&b=2
    media:
      - {{file: "a, b.png", alt: "one || two"}}
      - {{file: c.png, alt: Plain}}
    tags: [alpes, "a,b"]
    categories: [x, y]
    summary: "+short"
    variants: {{masto: {{visibility: unlisted, media: [{{file: c.png, alt: One}}, {{file: d.png, alt: Two}}], tags: [x, y]}}}}
  - {{id: thread, at: 2034-08-01 09:00, to: [masto], thread: ["=one", {{text: two, media: [{{file: c.png, alt: C}}]}}]}}
  - {{id: draft, at: 2034-08-02 09:00, to: [masto], text: Draft., draft: true}}
"""


@pytest.fixture(scope="module")
def daemon():
    with_pictures = Daemon(calendar=HEAD + POSTS, accounts=ACCOUNTS + MASTODON)
    with_pictures.write("token", "t", 0o600)
    for i, name in enumerate(("a, b.png", "c.png", "d.png")):
        with_pictures.write(name, png(8, 8, i))
    with with_pictures as running:
        yield running


def export(daemon, *options, code=0):
    done = daemon.calctl("export", *options)
    assert done.returncode == code, done
    return done.stdout


def rows(text, delimiter=","):
    return {f"{row['id']}/{row['account']}": row
            for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)}


def raw(daemon, *options):
    """Bytes: line ends count."""
    return subprocess.run([CALCTL, "--config", daemon.config, "export", *options], capture_output=True, check=True).stdout


def test_every_delivery_is_a_row_that_another_reader_reads(daemon):
    table = rows(raw(daemon).decode())
    assert len(table) == len(FORMULAS) + 3 + 2
    full = table["full/site"]
    assert full["text"] == TEXT and full["at"] == "2034-07-01T09:00:00+02:00" and full["state"] == "ready"
    assert full["bucket"] == "news" and full["link"] == "https://example.org/hiver?a=1&b=2" and not full["visibility"]
    assert json.loads(full["media"]) == ["a, b.png", "c.png"] and json.loads(full["alt"]) == ["one || two", "Plain"]
    assert json.loads(full["blog_tags"]) == ["alpes", "a,b"] and full["blog_categories"] == "x, y"
    masto = table["full/masto"]
    assert masto["visibility"] == "unlisted" and masto["media"] == "c.png, d.png" and masto["alt"] == "One || Two" and masto["blog_tags"] == "x, y"
    assert table["draft/masto"]["state"] == "draft" and not table["draft/masto"]["visibility"]
    thread = table["thread/masto"]
    assert not thread["text"] and json.loads(thread["thread"]) == [
        "=one", {"text": "two", "media": [{"file": "c.png", "alt": "C"}]}]


def test_no_cell_is_a_formula(daemon):
    table = rows(raw(daemon).decode())
    for i, text in enumerate(FORMULAS):
        cell = table[f"f{i}/site"]["text"]
        assert cell == (text if text == "'tis" else "'" + text)
    for row in table.values():
        assert not any(re.match(r"[\s]*[=+\-@\t\r＝＋－＠]", cell) for cell in row.values())


def test_lines_end_as_rfc_4180_says_and_excel_is_helped_when_asked(daemon):
    text = raw(daemon)
    assert text.startswith(b"id,account,at,state,text,") and text.endswith(b"\r\n")
    assert all(line.endswith(b"\r") for line in re.sub(rb'"[^"]*"', b"", text).split(b"\n")[:-1])
    french = raw(daemon, "--separator", "semicolon", "--bom")
    assert french.startswith(b"\xef\xbb\xbfid;account;")
    assert rows(french.decode("utf-8-sig"), ";") == rows(text.decode())
    assert rows(raw(daemon, "--separator", "tab").decode(), "\t") == rows(text.decode())


def test_json_is_one_array_of_what_the_api_says(daemon):
    items = json.loads(export(daemon, "--format", "json"))
    assert items == daemon.api("GET", "/v1/deliveries?limit=1000").json["items"]
    assert json.loads(export(daemon, "--json", "--account", "other"))[0]["id"] == "full/other"
    assert json.loads(export(daemon, "--json", "--text", "nowhere to be found")) == []


def test_icalendar_is_what_the_daemon_writes(daemon):
    ours = icalendar.Calendar.from_ical(export(daemon, "--format", "ics"))
    theirs = icalendar.Calendar.from_ical(daemon.api("GET", "/calendar.ics").body)
    assert ours.to_ical() == theirs.to_ical() and len(ours.walk("VEVENT")) == len(FORMULAS) + 5
    assert export(daemon, "--format", "ics", "--text", "nowhere to be found").count("BEGIN:VEVENT") == 0


@pytest.mark.parametrize("options, want", [
    (["--account", "other,masto"], {"full/other", "full/masto", "thread/masto", "draft/masto"}),
    (["--account", "other", "--account", "masto", "--state", "draft"], {"draft/masto"}),
    (["--network", "mastodon"], {"full/masto", "thread/masto", "draft/masto"}),
    (["--bucket", "news"], {"full/site", "full/other", "full/masto"}),
    (["--from", "2034-08-01", "--until", "2034-08-02"], {"thread/masto"}),
    (["--during", "2034-08-01"], {"thread/masto"}),
    (["--text", "été"], {"full/site", "full/other", "full/masto"}),
    (["--reverse", "--limit", "2"], {"draft/masto", "thread/masto"}),
    (["--state", "published"], set()),
])
def test_filters_are_those_of_list(daemon, options, want):
    assert set(rows(export(daemon, *options))) == want
    if "--limit" not in options:
        listed = json.loads(daemon.calctl("list", "--json", "--limit", "1000", *options).stdout)["items"]
        assert {d["id"] for d in listed} == want


def test_a_file_is_whole_or_not_there(daemon, tmp_path):
    path = tmp_path / "posts.csv"
    assert export(daemon, "-o", path) == "" and path.read_bytes() == raw(daemon)
    path.write_text("kept")
    away = subprocess.run([CALCTL, "--socket", tmp_path / "none", "export", "-o", path], capture_output=True, text=True)
    assert away.returncode == 3 and "cald is not running" in away.stderr
    assert path.read_text() == "kept" and [p.name for p in tmp_path.iterdir()] == ["posts.csv"]
    full = daemon.calctl("export", "-o", "/dev/full/x")
    assert full.returncode == 7 and "cannot write" in full.stderr
    assert subprocess.run([CALCTL, "--config", daemon.config, "export"], stdout=open("/dev/full", "w"),
                          stderr=subprocess.DEVNULL).returncode == 7


@pytest.mark.parametrize("options, message", [
    (["--format", "xlsx"], "--format takes csv, json or ics, not 'xlsx'"),
    (["--json", "--format", "ics"], "--json is --format json, not ics"),
    (["--format", "json", "--bom"], "--bom goes with --format csv"),
    (["--format", "ics", "--separator", "tab"], "--separator goes with --format csv"),
    (["--separator", ";"], "--separator takes comma, semicolon or tab, not ';'"),
    (["--limit", "0"], "--limit takes a number from 1 on"),
    (["--state", "redy"], "unknown state 'redy', did you mean 'ready'?"),
])
def test_a_mistake_is_said_and_nothing_is_written(daemon, options, message):
    done = daemon.calctl("export", *options)
    assert done.returncode == 2 and message in done.stderr and not done.stdout


def test_more_than_a_page_goes_through_with_the_memory_of_one(tmp_path):
    """Peak memory with 6,000 rows of 2 kB in 6 pages: hardly more than with one page of them."""
    text = "x" * 2000
    posts = "posts:\n" + "".join(f"  - {{id: p{i}, at: 2034-01-01 09:00, to: [silent], text: '{i} {text}'}}\n" for i in range(6000))
    with Daemon(calendar=HEAD + posts) as many:
        def peak(*options):
            script = ("import resource, subprocess, sys; subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], 'w'), check=True);"
                      "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
            return int(subprocess.run([sys.executable, "-c", script, tmp_path / "out.csv", CALCTL, "--config", many.config,
                                       "export", *options], capture_output=True, text=True, check=True,
                                      env={**many.environment, "ASAN_OPTIONS": "quarantine_size_mb=0"}).stdout)
        one = peak("--limit", "1000")
        assert len(rows((tmp_path / "out.csv").read_text())) == 1000
        all_of_them = peak()
        table = rows((tmp_path / "out.csv").read_text())
        assert len(table) == 6000 and all(row["text"].startswith(key[1:].split("/")[0] + " ") for key, row in table.items())
        assert all_of_them < one * 1.5, (one, all_of_them)
