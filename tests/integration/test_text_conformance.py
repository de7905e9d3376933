"""How X counts a text and what it sees in it, held against twitter-text's own conformance suite.

The suite (twitter/twitter-text, conformance/) is data of others and not part of this project: without it
the test is skipped. Indices there count code points (UTF-16 for none of the cases used), ours bytes.
"""
import functools
import json
import os
import pathlib
import subprocess

import pytest
import yaml

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CALD_BUILD", SOURCE / "build" / "gcc"))
SUITE = SOURCE.parent / "shared" / "specs" / "twitter-text"

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason=f"{SUITE} is missing")

# Top-level domains of twitter-text's list of 2021 that do not exist: taken out of the root zone since,
# or reserved and never delegated. The public suffix list does not have them, so they make no links.
GONE = set("""
    um tp mf eh bq bl an
    诺基亚 珠宝 手表 工行 大众汽车 موبايلي
    zippo xperia wed warman vistaprint vista uconnect telefonica telecity symantec swiftcover statoil starhub
    srt spreadbetting spiegel shriram ses scor scjohnson sapo rmit rightathome raid qvc piaget panerai
    pamperedchef orientexpress onyourside off newholland nationwide nadex mutuelle mtpc movistar mopar
    montblanc mobily metlife meo mcdonalds mcd lupin loft lixil liaison lancome ladbrokes jlc jcp iwc iveco
    iselect intel iinet htc honeywell goodhands glade fujixerox flsmidth everbank esurance epost duns duck
    doosan doha dodge csc chrysler chloe ceb caseih cartier cancerresearch bugatti budapest boots bnl blanco
    aigo afamilycompany adac active
""".split())


def program():
    for name in ("calctl", "tests/measure_tool"):
        if (BUILD / name).exists():
            return [str(BUILD / name)] + (["measure"] if name == "calctl" else [])
    pytest.fail(f"neither calctl nor measure_tool in {BUILD}")


def measure(texts, network="x"):
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    run = subprocess.run(program() + ["--network", network, "--json"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True, timeout=120)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


@functools.lru_cache
def suite(name):
    with open(SUITE / name, encoding="utf-8") as file:
        return yaml.safe_load(file)["tests"] if (SUITE / name).exists() else {}


def sections(file, names):
    return [(name, case) for name in names for case in suite(file)[name]]


def entities(measured, text, kind):
    """(value, start, end) with positions as code points."""
    data = text.encode()
    return [(e["value"], len(data[:e["start"]].decode()), len(data[:e["end"]].decode()))
            for e in measured["entities"] if e["kind"] == kind]


def differences(cases, check):
    """Measures all texts in one process; returns one line for each case that is not as expected."""
    texts = [case["text"] for _, case in cases]
    found = []
    for (section, case), measured in zip(cases, measure(texts), strict=True):
        got, expected = check(section, case, measured)
        if got != expected:
            found.append(f"{section}: {case['description']}: {case['text']!r}: expected {expected}, got {got}")
    return found


def test_x_counts_each_case_as_twitter_text_does():
    cases = sections("validate.yml", ["WeightedTweetsWithDiscountedEmojiCounterTest",
                                      "UnicodeDirectionalMarkerCounterTest"])
    assert len(cases) >= 20

    def check(_, case, measured):
        expected = case["expected"]
        return ((measured["length"], measured["fits"], measured["limit"]),
                (expected["weightedLength"], expected["valid"], 280))

    assert differences(cases, check) == []


@pytest.mark.parametrize("kind, names", [
    ("link", ["urls", "tco_urls_with_params"]),
    ("mention", ["mentions"]),
    ("hashtag", ["hashtags", "hashtags_from_astral"]),
])
def test_x_extracts_the_values_that_twitter_text_does(kind, names):
    cases = sections("extract.yml", names)
    assert cases

    def check(_, case, measured):
        return [value for value, _, _ in entities(measured, case["text"], kind)], case["expected"]

    assert differences(cases, check) == []


@pytest.mark.parametrize("kind, key, names", [
    ("link", "url", ["urls_with_indices", "urls_with_directional_markers"]),
    ("mention", "screen_name", ["mentions_with_indices"]),
    ("hashtag", "hashtag", ["hashtags_with_indices"]),
])
def test_x_extracts_at_the_places_where_twitter_text_does(kind, key, names):
    cases = sections("extract.yml", names)
    assert cases

    def check(_, case, measured):
        return (entities(measured, case["text"], kind),
                [(e[key], *e["indices"]) for e in case["expected"]])

    assert differences(cases, check) == []


def test_x_takes_a_list_of_somebody_for_no_mention():
    cases = sections("extract.yml", ["mentions_or_lists_with_indices"])

    def check(_, case, measured):
        return (entities(measured, case["text"], "mention"),
                [(e["screen_name"], *e["indices"]) for e in case["expected"] if not e["list_slug"]])

    assert differences(cases, check) == []


def test_x_knows_the_top_level_domains_that_exist():
    cases = sections("tlds.yml", ["country", "generic"])
    cases = [(section, case) for section, case in cases if case["text"].rsplit(".", 1)[1] not in GONE]
    assert len(cases) > 1400

    def check(_, case, measured):
        return [value for value, _, _ in entities(measured, case["text"], "link")], case["expected"]

    assert differences(cases, check) == []


def test_a_top_level_domain_that_is_gone_makes_no_link():
    texts = [f"https://twitter.{top}" for top in sorted(GONE)]
    assert [text for text, measured in zip(texts, measure(texts), strict=True) if measured["entities"]] == []
