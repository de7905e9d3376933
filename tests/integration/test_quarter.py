"""The example of a quarter (config/examples/trimestre): clean as it stands, and each rule of the charter finds what breaks it
and leaves what just does not. A rule of the table without a case here fails the suite."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from pages import Pages  # noqa: E402

SOURCE = pathlib.Path(os.environ["CALD_SOURCE"])
CALCTL = pathlib.Path(os.environ["CALD_BUILD"]) / "calctl"
TOOL = pathlib.Path(os.environ["CALD_BUILD"]) / "tests" / "check_tool"
QUARTER = SOURCE / "config" / "examples" / "trimestre"
START = "2027-01-04T05:00:00Z"


def findings(directory, now=START):
    answer = subprocess.run([TOOL, "check-at", now, directory / "cald.yaml"], capture_output=True, text=True)
    assert answer.returncode in (0, 1), answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.mark.parametrize("day", ["2027-01-04", "2027-01-20", "2027-02-19", "2027-02-20", "2027-03-10"])
def test_the_quarter_is_clean_on_any_day_of_it(day):
    assert findings(QUARTER, f"{day}T05:00:00Z") == []


def post(text="Une nouvelle du chalet, sans rien de plus.", at="2027-01-14 12:15", to="journal", **more):
    fields = {"id": "essai", "at": at, "to": [to], "text": text, **more}
    return {"posts": [fields]}


def two(first, second, **more):
    return {"posts": [post(*first, **more)["posts"][0], {**post(*second, **more)["posts"][0], "id": "essai-2"}]}


def slot_posts(count, bucket="conseil"):
    return {"posts": [{"id": f"essai-{i}", "slot": "matin", "bucket": bucket,
                       "text": f"Conseil {i}. {WORDS[i]} neige {WORDS[-i]} sentier {WORDS[i + 1]}."} for i in range(count)]}


WORDS = "bois pain lampe corde gant piolet tasse carte sac pull bonnet echelle couteau ficelle bol nappe".split()
IMAGE = "media/chalet.png"
LONG = " ".join(f"mot{i}" for i in range(820))
NEIGE = "La neige est tombée toute la nuit sur le chalet et la trace est à refaire."
SITE = "https://www.trois-cols.example/"


def replaced(name, old, new):
    return (name, old, new)


# rule: (what breaks it, what just does not); each a calendar to add, or a replacement in one of the files
CASES = {
    "forbidden-word": (post("Des nuits en PROMOTION au chalet."), post("La locomotive est passée sous le chalet.")),
    "preferred-word": (post("Écrivez-nous par e-mail avant vendredi."), post("Écrivez-nous par courriel avant vendredi.")),
    "keywords": (post("Prévoyez une lampe de plus.", bucket="conseil"),
                 post("Prévoyez une lampe de plus pour la neige.", bucket="conseil")),
    "disclosure": (post("Des lampes neuves, prêtées par l'atelier Sylve.", bucket="partenariat", link=SITE),
                   post("Des lampes neuves, prêtées par l'atelier Sylve. #Partenariat", bucket="partenariat", link=SITE)),
    "address": (post("Prends ta lampe, la nuit tombe vite."), post("Prenez votre lampe, le ton est à la prudence.")),
    "language": (post("The snow is deep and the path is not yet open for you and your friends, but we are here.", "2027-01-14 12:15"),
                 post("The snow is deep and the path is not yet open for you and your friends, but we are here.", language="en")),
    "exclamations": (post("Il neige ! Enfin !"), post("Il neige !")),
    "capitals": (post("Fermeture EXCEPTIONNELLEMENT tardive ce soir."), post("Le relevé du CRBPO est affiché, comme au TGV.")),
    "emoji": (post("Il neige ❄️❄️❄️"), post("Il neige ❄️❄️")),
    "length": (post("a" * 301, to="bluesky"), post("a" * 300, to="bluesky")),
    "reading-time": (post("Un article.", body=LONG), post("Un article.", body=LONG[:3000])),
    "hashtags": (post("#TroisCols #Randonnée #Raquettes #Montagne"), post("#TroisCols #Randonnée #Raquettes")),
    "hashtag-list": (post("Il neige #ski"), post("Il neige #Montagne")),
    "hashtag-form": (post("Il neige #neigefraîche"), post("Il neige #NeigeFraîche")),
    "alt-text": (post(media=[{"file": IMAGE}]), post(media=[{"file": IMAGE, "alt": "Le chalet sous la neige"}])),
    "alt-text-form": (post(media=[{"file": IMAGE, "alt": "chalet.png"}]),
                      post(media=[{"file": IMAGE, "alt": "Le toit du chalet"}])),
    "link-to-site": (post("Des nuits pour deux.", bucket="promotion"),
                     post("Des nuits pour deux.", bucket="promotion", link=SITE + "?utm_campaign=a")),
    "link-https": (post(link="http://example.org/"), post(link="https://example.org/")),
    "link-tracking": (post("Lire https://example.org/a?source_id=1."), post("Lire https://example.org/a?source=1.")),
    "link-campaign": (post("Des nuits pour deux.", bucket="promotion", link=SITE),
                      post("Des nuits pour deux.", bucket="promotion", link=SITE, campaign="vacances")),
    "quiet-hours": (post(at="2027-01-14 20:30"), post(at="2027-01-14 20:29")),
    "silent-day": (post(at="2027-01-17 12:15"), post(at="2027-01-18 12:15")),
    "silent-date": (post(at="2027-02-19 12:15"), post(at="2027-02-20 12:15")),
    "gap": (two(["Un.", "2027-01-14 12:15"], ["Deux mots.", "2027-01-14 14:14"]),
            two(["Un.", "2027-01-14 12:15"], ["Deux mots.", "2027-01-14 14:15"])),
    "per-day": (two(["Un.", "2027-01-15 08:15"], ["Deux mots.", "2027-01-15 12:15"]), post(at="2027-01-15 08:15")),
    "embargo": (post("Bientôt, le Refuge du Lac.", "2027-02-12 12:15"), post("Bientôt, un refuge.", "2027-02-12 12:15")),
    "collision": (two(["Un.", "2027-01-14 12:15"], ["Deux mots.", "2027-01-14 12:24"]),
                  two(["Un.", "2027-01-14 12:15"], ["Deux mots.", "2027-01-14 14:25"])),
    "near-duplicate": (two([NEIGE, "2027-01-14 12:15"], [NEIGE.lower(), "2027-01-23 12:15"]),
                       two([NEIGE, "2027-01-14 12:15"], [NEIGE.lower(), "2027-03-10 12:15"])),
    "no-cover": (replaced("cadre.yaml", "  - {date: 2027-03-20,", "  - {date: 2027-01-30,"),
                 replaced("cadre.yaml", "  - {date: 2027-03-20,", "  - {date: 2027-01-29,")),
    "cover-lead": (replaced("cadre.yaml", "lead: 10d", "lead: 15d"), replaced("cadre.yaml", "lead: 10d", "lead: 12d")),
    "mix": ({"posts": [{**post(f"{w} au chalet.", f"2027-01-{14 + i} 15:15", bucket="promotion", link=SITE + "?utm_campaign=a")
                        ["posts"][0], "id": f"essai-{i}"} for i, w in ((0, "Une nuit"), (2, "Deux"), (4, "Trois"), (8, "Dix"))]},
            post("Une nuit au chalet.", bucket="promotion", link=SITE + "?utm_campaign=a")),
    "account-silence": (replaced("fevrier.yaml", "at: 2027-02-04 10:00", "at: 2027-02-08 10:00"),
                        replaced("fevrier.yaml", "at: 2027-02-04 10:00", "at: 2027-02-05 10:00")),
    "empty-slot": (replaced("charter.yaml", "{within: 14d, level: warning}", "{within: 30d, level: warning}"),
                   slot_posts(2)),
    "campaign-closing": (replaced("fevrier.yaml", "    closing: true\n", ""),
                         replaced("fevrier.yaml", "    campaign: vacances\n    closing: true\n", "    campaign: vacances\n    closing: true\n    cost: 1\n")),
    "budget": (post("Deux mots.", "2027-02-25 08:15", cost=161), post("Deux mots.", "2027-02-25 08:15", cost=160)),
}


# What only the network can say: (a text that breaks it, one that just does not); {server} is one of ours.
ONLINE = {
    "link-reachable": ("Des lampes. #Partenariat {server}/gone", "Des lampes. #Partenariat {server}/here"),
    "mention-exists": ("Merci @nobody de la visite.", "Merci @anna de la visite."),
}


def changed(directory, change):
    """A copy of the quarter with one change."""
    shutil.copytree(QUARTER, directory)
    if isinstance(change, tuple):
        name, old, new = change
        path = directory / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
    else:
        (directory / "essai.yaml").write_text(json.dumps(change, ensure_ascii=False))
        settings = directory / "cald.yaml"
        settings.write_text(settings.read_text().replace("mars.yaml]", "mars.yaml, essai.yaml]"))
    return directory


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_finds_what_breaks_it_and_leaves_what_just_does_not(rule, tmp_path):
    breaks, passes = CASES[rule]
    found = findings(changed(tmp_path / "breaks", breaks))
    assert rule in {f["rule"] for f in found}, found
    assert findings(changed(tmp_path / "passes", passes)) == []


@pytest.mark.parametrize("rule", ONLINE)
def test_what_takes_the_network_is_looked_at_when_asked_for(rule, tmp_path):
    with Pages() as server:
        for place, text in zip(("breaks", "passes"), ONLINE[rule]):
            new = post(text.replace("{server}", server.url), "2035-01-16 12:15", "mastodon", bucket="partenariat", link=SITE)
            directory = changed(tmp_path / place, new)
            settings = directory / "cald.yaml"
            text = settings.read_text()
            assert "https://mastodon.example" in text
            settings.write_text("outgoing: {private_addresses: true}\n" + text.replace("https://mastodon.example", server.url))
            done = subprocess.run([CALCTL, "--config", settings, "--json", "check", "--online"], capture_output=True, text=True)
            said = json.loads(done.stdout)
            wrong = [f for f in said["errors"] + said["warnings"] if f["rule"] == rule and f["post"] == "essai"
                     and server.url in f["message"] + server.url * ("@" in f["message"])]
            assert bool(wrong) == (place == "breaks"), said
            assert [f for f in said["errors"] if f["rule"] == rule] == (wrong if rule == "link-reachable" else [])


def test_every_rule_is_asked_for_by_the_charter_and_has_a_case():
    names = json.loads(subprocess.run([TOOL, "rules"], capture_output=True, text=True, check=True).stdout)
    assert set(names) == set(CASES) | set(ONLINE) and not set(CASES) & set(ONLINE)
    asked = re.findall(r"^  ([a-z_]+):", (QUARTER / "charter.yaml").read_text().split("\nchecks:")[1].split("\nmix:")[0], re.M)
    elsewhere = {"exclamations", "emoji", "quiet-hours", "silent-day", "gap", "per-day"}  # under voice and pace
    assert {name.replace("_", "-") for name in asked} | elsewhere == set(names)


def test_the_quarter_is_one():
    """Ninety days, four accounts, several buckets, key dates, campaigns."""
    texts = {path.name: path.read_text() for path in QUARTER.glob("*.yaml")}
    calendar = "".join(texts[name] for name in ("janvier.yaml", "fevrier.yaml", "mars.yaml"))
    days = sorted(re.findall(r"at: (2027-\d\d-\d\d)", calendar))
    assert days[0] < "2027-01-08" and days[-1] > "2027-03-25"
    assert len(re.findall(r"network: ", texts["cald.yaml"])) == 4
    assert len(set(re.findall(r"bucket: (\S+)", calendar))) == 5
