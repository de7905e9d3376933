"""calctl history --diff: what was changed of a post, before and after, as a person compares it."""
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from openapi import CheckedDaemon  # noqa: E402

LATER = "2034-06-01 10:00"
LONG = ("Cette année, la commune de Saint-Véran vous invite toutes et tous à partager un vin chaud devant l'église, à partir de "
        "dix-huit heures, en présence de la fanfare et des enfants de l'école.")


@pytest.fixture(scope="module")
def daemon():
    with CheckedDaemon() as running:
        yield running


def add(daemon, name, text, to="site"):
    answer = daemon.calctl("add", "--to", to, "--at", LATER, "--id", name, text)
    assert answer.returncode == 0, answer


def edit(daemon, name, *options):
    answer = daemon.calctl("edit", name, *options)
    assert answer.returncode == 0, answer
    return answer.stdout


def diff(daemon, name, *options):
    answer = daemon.calctl("history", name, "--diff", *options)
    assert answer.returncode == 0 and answer.stderr == "", answer
    return answer.stdout


def body(text):
    """Without the lines that say who and when."""
    return "\n".join(line for line in text.splitlines() if line.startswith(" "))


# name, before, after, what is shown
TEXTS = [
    ("mot", "Vin chaud à 18 h.", "Vin chaud à 19 h.", "      - Vin chaud à 18 h.\n      + Vin chaud à 19 h."),
    ("accent", "Été à la montagne", "Eté à là montagne", "      - Été à la montagne\n      + Eté à là montagne"),
    ("long", LONG, LONG.replace("dix-huit", "dix-neuf"),
     "      - … à partir de dix-huit heures, en présence de …\n"
     "      + … à partir de dix-neuf heures, en présence de …"),
    ("end", LONG, LONG.replace("l'école.", "l'École !"),
     "      - … des enfants de l'école.\n      + … des enfants de l'École !"),
    ("lignes", "Un\nDeux\nTrois\nQuatre", "Un\nDeux et demi\nTrois\nQuatre\nCinq",
     "      - Deux\n      + Deux et demi\n        …\n      + Cinq"),
    ("moins", "Un\nDeux\nTrois", "Un\nTrois", "      - Deux"),
    ("blanc", "À 19 h !", "À 19\u00a0h !",
     "      - À 19 h !\n      + À 19\u00a0h !\n        (they look alike: other blanks, or characters written otherwise)"),
    ("compose", "près", "pre\u0300s",
     "      - près\n      + pre\u0300s\n        (they look alike: other blanks, or characters written otherwise)"),
    ("lie", "aucunblanc" * 20 + "é", "aucunblanc" * 20 + "è",
     f"      - {'aucunblanc' * 20}é\n      + {'aucunblanc' * 20}è"),
    ("sens", "Tout va", "Tout \u202eva", "      - Tout va\n      + Tout \ufffdva"),
]


@pytest.mark.parametrize("name, before, after, shown", TEXTS, ids=[row[0] for row in TEXTS])
def test_the_words_that_were_replaced_are_shown_beside_the_new_ones(daemon, name, before, after, shown):
    add(daemon, name, before)
    assert diff(daemon, name) == "nothing was changed since it was added\n"
    assert f"'calctl history {name} --diff'" in edit(daemon, name, "--text", after)
    told = diff(daemon, name)
    assert body(told) == "    text\n" + shown
    assert told.splitlines()[0].split("  ")[1] == f"{name}/site" and "edited" in told.splitlines()[0]
    assert not any(ord(c) < 32 and c != "\n" or 0x7f <= ord(c) < 0xa0 for c in told)


def test_time_and_members_are_shown_by_their_names_and_one_deed_on_two_accounts_once(daemon):
    add(daemon, "tout", "Bonjour.", to="site,silent")
    assert daemon.calctl("move", "tout", "2034-12-01 11:00").returncode == 0
    edit(daemon, "tout", "--link", "https://example.org/")
    edit(daemon, "tout", "--thread", "Un.", "--thread", "Deux.")
    edit(daemon, "tout/site", "--title", "Été", "--thread", "Un.", "--thread", "Deux !")
    told = diff(daemon, "tout")
    assert told.count("tout/silent, tout/site  uid ") == 3
    assert "    slot\n      - Thu  1 Jun 2034 10:00\n      + Fri  1 Dec 2034 11:00\n" in told  # both in Paris
    assert "    link\n      + https://example.org/\n" in told and "local" not in told
    assert "    text\n      - Bonjour.\n      + Un.\n    thread[1]\n      + Deux.\n" in told
    last = told[told.rindex("tout/site"):]
    assert "    thread[1]\n      - Deux.\n      + Deux !\n" in last and "    title\n      + Été\n" in last and "Un." not in last
    assert diff(daemon, "tout", "--limit", "2").count("  uid ") == 2 and "tout/silent, tout/site" in diff(daemon, "tout", "--limit", "2")
    assert diff(daemon, "tout/silent").count("tout/site") == 0
    items = json.loads(diff(daemon, "tout/silent", "--json"))["items"]
    assert [sorted(item["after"]) for item in items] == [["local", "slot"], ["content"], ["content"]]
    assert items[0]["before"]["local"] == "2034-06-01T10:00:00+02:00" and items[0]["after"]["local"] == "2034-12-01T11:00:00+01:00"


def test_what_a_saved_file_changed_is_shown_as_well(daemon):
    calendar = (daemon.directory / "calendar.yaml").read_text()
    daemon.write("calendar.yaml", calendar.replace("Far away.", "Très loin."))
    assert daemon.calctl("reload").returncode == 0
    assert body(diff(daemon, "far-away")) == "    text\n      - Far away.\n      + Très loin."
    assert "far-away/site  file" in diff(daemon, "far-away") or "far-away/site  uid" in diff(daemon, "far-away")


def test_an_edit_of_what_is_out_is_shown_as_well(daemon):
    add(daemon, "out", "Bonjuor.", to="site")
    assert daemon.calctl("now", "out").returncode == 0
    daemon.wait_state("out", "site", "published")
    edit(daemon, "out", "--yes", "--text", "Bonjour.")
    assert "    text\n      - Bonjuor.\n      + Bonjour.\n" in diff(daemon, "out")


@pytest.mark.parametrize("words, code, said", [
    (["--diff"], 2, "say which"), (["nobody", "--diff"], 4, "there is no post 'nobody'"),
    (["far-away/other", "--diff"], 4, "does not go to 'other'"), (["far-away", "--diff", "--limit", "0"], 2, "from 1 to 200"),
    (["far-away", "--diff", "--limit", "9x"], 2, "from 1 to 200")])
def test_what_cannot_be_shown_is_told(daemon, words, code, said):
    answer = daemon.calctl("history", *words)
    assert answer.returncode == code and said in answer.stderr and answer.stdout == ""


def test_long_articles_are_compared_quickly_and_with_little_memory(daemon):
    lines = [f"Ligne {n} de l'article." for n in range(3000)]
    daemon.write("a.md", "\n".join(lines))
    add_article = daemon.calctl("add", "--to", "site", "--at", LATER, "--id", "article", "--body-file", str(daemon.directory / "a.md"), "Un.")
    assert add_article.returncode == 0, add_article
    lines[2], lines[2990] = "Autre.", "Encore une autre."
    daemon.write("a.md", "\n".join(lines))
    edit(daemon, "article", "--body-file", str(daemon.directory / "a.md"))
    told = body(diff(daemon, "article"))
    assert "Encore une autre." in told and "Ligne 2 de l'article." in told and len(told) < 500
