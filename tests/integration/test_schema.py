"""The JSON Schemas in schema/ and the loaders say the same, in both directions.

Documents that use every key are changed in one place at a time: each key left out, an unknown one added, each value
replaced by values of other kinds and out of every range. What the schema refuses the loader must refuse with a
structural rule, and the other way round. Findings that need a look elsewhere (does the account exist? is there such a
date? does the rule make sense?) have rules of their own and are no business of a schema.
"""
import copy
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest

SOURCE = pathlib.Path(os.environ["CALD_SOURCE"])
TOOL = pathlib.Path(os.environ["CALD_BUILD"]) / "tests" / "check_tool"
STRUCTURAL = {"structure", "syntax", "limit", "duplicate-key"}
ELSEWHERE = {"unknown-account", "unknown-slot", "unknown-bucket", "unknown-timezone", "other-timezone", "no-timezone",
             "no-such-date", "no-content", "no-account", "duplicate-id", "duplicate-slot", "recurrence", "out-of-range",
             "insecure-url", "account", "unused-variant", "clock-change", "media", "body-file", "approval", "phrase", "pattern",
             "unknown-subject", "unknown-campaign", "unknown-key-date", "duplicate-campaign", "placeholder"}
ACCOUNTS = "site=feed,mastodon=mastodon,blog=wordpress,sky=bluesky"

LAYER = {"title": "Titre", "link": "https://example.org/a?b=c#d", "language": "fr", "warning": "Neige",
         "summary": "Court", "slug": "un-titre-2", "visibility": "unlisted",
         "media": [{"file": "a.png", "alt": "Le chalet"}, {"file": "b.png"}], "tags": ["neige"], "categories": ["vie"]}

CALENDAR = {
    "version": 1, "timezone": "Europe/Paris", "language": "fr-FR", "late": {"grace": "2h", "then": "missed"},
    "slots": {"matin": {"days": ["mon", "tue"], "at": "09:00", "from": "2026-01-01", "to": ["site", "blog"]},
              "lundi": {"rrule": "FREQ=MONTHLY;BYDAY=1MO", "at": "10:30:15"}},
    "key_dates": [{"date": "2026-12-24", "name": "Réveillon", "silent": True},
                  {"date": "2027-03-01", "name": "Ouverture", "cover": False, "lead": "7d"}],
    "buckets": ["news", "tips"], "campaigns": {"refuge": {"embargo": "2026-12-10 08:00", "words": ["refuge*"]}},
    "posts": [
        {"id": "a", "at": "2026-12-01 09:00", "to": ["site", "mastodon"], "bucket": "news", "text": "Un\nDeux",
         "body": "# Long", "draft": False, "publish_late": True,
         "variants": {"mastodon": {"text": "Court"}, "wordpress": {"body_file": "x.md", **LAYER},
                      "site": {"thread": ["un", {"text": "deux", "media": []}]}}, **LAYER},
        {"id": "b", "slot": "matin", "thread": ["un", "deux"], "body_file": "y.md"},
        {"id": "c", "slot": "matin", "to": ["site"], "text": "oui", "campaign": "refuge", "closing": True,
         "covers": "Ouverture", "cost": 90},
    ],
    "series": [
        {"id": "d", "rrule": "FREQ=WEEKLY;BYDAY=FR", "at": "17:00", "from": "2026-01-01", "to": ["site"],
         "one_of": ["un", {"text": "deux", "media": [{"file": "c.png"}]}], "exdate": ["2026-12-25", "2026-12-18 17:00"],
         "rdate": ["2026-12-24"], "bucket": "tips", "title": "Titre"},
        {"id": "e", "rrule": "FREQ=DAILY;COUNT=3", "start": "2026-01-01T09:00:00", "to": ["site"], "text": "encore",
         "campaign": "refuge", "covers": "Réveillon", "cost": 1},
    ],
}

COUNTED = {"max": 3, "level": "warning"}
CHARTER = {
    "version": 1,
    "brand": {"name": "Chalet", "site": "https://example.org", "description": "Un chalet"},
    "vocabulary": {"keywords": {"produit": ["chalet"]}, "forbidden": ["pas cher", {"word": "client", "instead": "hôte",
                   "level": "error"}, {"pattern": "[0-9]+ ?€"}], "prefer": {"e-mail": "courriel"}},
    "voice": {"address": "vous", "tone": "calme", "exclamations": COUNTED, "emoji": COUNTED},
    "checks": {"alt_text": "error", "link_to_site": "ignore", "hashtags": COUNTED, "length": COUNTED,
               "forbidden_word": [{"level": "off", "message": "Non.", "to": ["mastodon"], "buckets": ["tips"]}],
               "preferred_word": "off", "exclamations": {"max": 1}, "emoji": [{"max": 1}], "gap": {"within": "1h"},
               "per_day": {"max": 2}, "quiet_hours": "warning", "silent_day": {}, "silent_date": "error",
               "no_cover": "error", "keywords": {"min": 2, "subjects": ["produit"]}, "disclosure": {"words": ["pub*"]},
               "address": "error", "language": "off", "capitals": {"max": 1, "allowed": ["UNESCO"]},
               "reading_time": {"within": "2m"}, "hashtag_list": {"allowed": ["neige"]}, "hashtag_form": {"max": 9},
               "alt_text_form": {"min": 2, "max": 9}, "link_https": "error", "link_tracking": {"parameters": ["src"]},
               "link_campaign": {"parameters": ["utm_id"], "add": {"utm_source": "{account}"}}, "embargo": "error", "collision": {"within": "5m"},
               "near_duplicate": {"within": "9d", "alike": "80%"}, "cover_lead": "off", "mix": "error",
               "account_silence": {"within": "9d"}, "empty_slot": {"within": "9d"}, "campaign_closing": "warning",
               "budget": "error"},
    "mix": {"tips": {"max": "20%", "min": "5%", "over": "30 days"}},
    "budget": {"per_month": 500, "campaigns": {"refuge": 100}},
    "pace": {"per_day": COUNTED, "gap": {"min": "2h", "level": "error"}, "quiet": ["21:00-07:30"],
             "quiet_level": "error", "silent_days": ["sun"], "silent_days_level": "warning"},
    "approval": {"own": False, "time": True, "rules": [
        {"to": ["mastodon"], "buckets": ["tips"], "except": ["news"],
         "stages": [{"by": ["editor"]}, {"by": ["anna", "ben"], "count": 2}]}]},
    "networks": {"mastodon": {"hashtags": COUNTED, "emoji": COUNTED, "exclamations": COUNTED, "length": COUNTED,
                              "per_day": COUNTED, "gap": {"min": "1h"}}},
    "objectives": [{"name": "visibilité", "kpi": "followers", "account": "mastodon", "target": 1500,
                    "by": "2027-06-30"}],
    "faq": [{"ask": ["horaires"], "answer": "9 h"}],
    "responses": [{"kind": "complaint", "priority": "urgent", "within": "1h", "answer": "Pardon", "approve": True}],
    "moderation": {"mastodon": ["Pas d'insulte"]},
    "crisis": {"contacts": ["Direction"], "statement": "Nous savons."},
}


def run(*arguments, stdin=None):
    return subprocess.run([TOOL, *arguments], input=stdin, capture_output=True, text=True, check=True).stdout


def networks():
    return json.loads(run("networks"))


def schema(name):
    return json.loads((SOURCE / "schema" / f"{name}.schema.json").read_text())


SPECIAL = {"mentions": "users", "chat": "@chalet", "room": "!a:b", "key_lifetime": "24h", "success": "201", "duplicate": "409", "id": "/id", "link": "/url",
           "author": "urn:li:organization:5", "version": "202609", "section": "5",
           "content_type": "multipart/form-data", "body": "{}", **dict.fromkeys(["edit_body", "delete_body"], '[{{event}}]'), "server": "smtp.example.org",
           "unsubscribe": "https://example.org/leave", "hubs": "https://hub.example.org/", "path": "{{slug}}.md", "permalink": "https://example.org/{{slug}}/", **dict.fromkeys(["from", "to", "reply_to", "bounces"], "a@example.org")}


def option_value(option):
    if option["kind"] in ("text", "texts"):
        text = SPECIAL.get(option["name"], "x" * max(option["min"], 1))
        return text if option["kind"] == "text" else [text] * max(option["min"], 1)
    return {"url": "https://example.org", "secret": {"file": "secrets/x"}, "integer": max(option["min"], 1),
            "flag": True, "path": "site", "word": (option["words"] or [""])[0], "map": {"currency": "USD", "post": "0.015"} if option["name"] == "prices" else {"a": "7"},
            "integers": [max(option["min"], 1)]}[option["kind"]]


COMMON = {"parallel": 2, "keep_metadata": True, "spacing": "1s", "warn_before": "7d",
          "late": {"grace": "1h", "then": "hold"}, "retry": {"give_up": "1d"},
          "unsure": {"then": "wait"}}  # of every account
FORM = {"fields", "file_field", "content_type"}  # of a webhook: it has a form, or a body


# one of two ways to log in: in the second account
EITHER = {"discord": {"webhook"},
          "email": {"user", "password"},
          "lemmy": {"user", "password"},
          "linkedin": {"token"},
          "matrix": {"user", "password"},
          "pinterest": {"token"},
          "slack": {"webhook"},
          "x": {"consumer_key", "consumer_secret", "access_token", "access_token_secret"}}
NEVER_BOTH = {"lemmy", "linkedin", "matrix", "pinterest", "slack", "x"}


def settings():
    accounts = {}
    for name, options in networks().items():
        accounts[name] = {"network": name, **COMMON}
        accounts[name].update({o["name"]: option_value(o) for o in options
                               if o["name"] not in FORM | (EITHER[name] if name in NEVER_BOTH else set())})
        if any(o["kind"] == "secret" or o["name"] in FORM for o in options):
            accounts[name + "-2"] = {"network": name}
            accounts[name + "-2"].update({o["name"]: {"credential": "x"} if o["kind"] == "secret" else option_value(o)
                                          for o in options
                                          if o["required"] or o["name"] in FORM | EITHER.get(name, set())})
    return {"version": 1, "calendar": ["a.yaml", "b.yaml"], "charter": "charter.yaml", "media": ".", "state": "state",
            "image_tool": "bin/vipsthumbnail",
            "media_urls": {"url": "https://media.example.org", "listen": "127.0.0.1:0", "lifetime": "1d"},
            "apply": "on_request", "horizon": "60d", "lead": "5m",
            "control": {"socket": "s", "group": "cald", "listen": "127.0.0.1:0", "hosts": ["example.org"],
                        "tokens": "t", "roles": [{"user": "a", "role": "admin"}, {"group": "b", "role": "viewer"}]},
            "late": {"grace": "1h", "then": "missed"}, "retry": {"give_up": "2d"}, "unsure": {"then": "go_on"},
            "on_failure": {"command": ["bin/tell", "x"],
                           "webhook": {"url": "https://example.org/told", "token": {"file": "secrets/x"}}},
            "outgoing": {"insecure": False, "private_addresses": True, "concurrency": 4,
                         "ca_file": "ca.pem"}, "accounts": accounts}


VALUES = [None, "", "x", "no", "X" * 65, "a b", "ligne\nligne", "é" * 301, "é" * 2049, "é" * 5001, 0, 1, 2,
          -1, 1.5, 1001, 1000001, True, False, [], ["x"], ["x", "x"], [1], [[]], ["x"] * 51, ["x"] * 101, {},
          {"x": "y"}, {"text": "x"}, {"file": "x"}, {"max": 1}, {"min": "1h"}, "true", "1", "-x", "#x", "a--b", "09:00",
          "24:00", "9:00", "2026-12-01", "2026-12-01 09:00", "2026-12-01T09:00:30", "2026-02-30", "2026-02-30 09:00",
          "2026-12-01 09:00Z", "3d", "1h30m", "3 days", "30 days", "20%", "101%", "1e3", "https://example.org/",
          "http://example.org", "https://user@example.org", "ftp://example.org", "https://", "mon", "MON", "error",
          "hold", "fr", "fr_FR", "Europe/Paris", "127.0.0.1:80", "127.0.0.1:65536", "[::1]:0", "localhost:80",
          "21:00-07:30", "21:00-25:00", "bell\u0007", "del\u007f", "site", "mastodon"]


LONG = {"text": 100000, "body": 100000, "answer": 10000, "statement": 10000, "tone": 10000}


def places(value, path=()):
    """Every place in a document, the document itself first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def replaced(document, path, value):
    if not path:
        return value
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def mutants(document, below=None, deepest=99):
    """A document changed in one place at a time: below a key of it, or in places no deeper than so many."""
    yield "as it is", document
    for path in places(document):
        if len(path) > deepest or below and path[:1] != (below,):
            continue
        value = at(document, path)
        if isinstance(value, dict):
            for key in value:
                changed = copy.deepcopy(document)
                del at(changed, path)[key]
                yield f"{path}: without {key}", changed
            yield f"{path}: unknown key", replaced(document, path, {**value, "unheard": "of"})
        longest = LONG.get(path[-1]) if path else None
        for other in VALUES + (["é" * longest, "é" * (longest + 1)] if longest else []):
            if path:
                yield f"{path}: {str(other)[:40]!r}", replaced(document, path, other)


def pairs(document, keys):
    """Keys added to the first of their kind: what excludes each other must not stand together."""
    for path, key, value in keys:
        changed = copy.deepcopy(document)
        at(changed, path)[key] = value
        yield f"{path}: with {key}", changed


EXTRA = {
    "calendar": [(("posts", 0), "slot", "matin"), (("posts", 0), "thread", ["x"]), (("posts", 0), "body_file", "x"),
                 (("posts", 1), "at", "2026-12-01 09:00"), (("posts", 1), "text", "x"), (("posts", 2), "one_of", ["x"]),
                 (("series", 0), "start", "2026-01-01 09:00"), (("series", 0), "text", "x"),
                 (("series", 1), "from", "2026-01-01"), (("series", 1), "at", "09:00"),
                 (("series", 1), "one_of", ["x"]), (("slots", "matin"), "rrule", "FREQ=DAILY"),
                 (("slots", "lundi"), "days", ["mon"]), (("posts", 0, "variants"), "a b", {}),
                 (("posts", 0, "variants"), "unheard", {}), (("posts", 0, "variants", "site"), "text", "x")],
    "charter": [(("networks",), "a b", {}), (("moderation",), "unheard", []),
                (("vocabulary", "forbidden", 1), "pattern", "x"), (("vocabulary", "forbidden", 2), "word", "x")],
    "cald": [(("control", "roles", 0), "group", "x"), (("accounts",), "a b", {"network": "feed"}),
             (("accounts",), "other", {"network": "nothing"}), (("accounts",), "other", {"network": "feed"})],
}


def branches(document, required):
    """A valid document with one thing only, for each thing in it: a large one takes long to validate for each change."""
    needed = {key: document[key] for key in required}
    if "accounts" in needed:
        needed["accounts"] = {"feed": {"network": "feed"}}
    for key, value in document.items():
        parts = [[item] for item in value] if isinstance(value, list) else [value]
        if key == "accounts":
            parts = [{name: {k: v for k, v in account.items() if k not in COMMON or account["network"] == "feed"}}
                     for name, account in value.items()]
        for part in parts:
            yield {**needed, key: part}, key


def changes(kind):
    document = {"calendar": CALENDAR, "charter": CHARTER}.get(kind) or settings()
    cases = [*mutants(document, deepest=1), *pairs(document, EXTRA[kind])]
    for branch, key in branches(document, schema(kind).get("required", ["version"])):
        cases += mutants(branch, below=key)
    return cases


def differences(kind):
    """Where loader and schema differ, and how many of each verdict there were."""
    validator = jsonschema.Draft202012Validator(schema(kind))
    cases = changes(kind)
    lines = "".join(json.dumps(changed, ensure_ascii=False) + "\n" for _, changed in cases)
    answers = run("batch", "cald.yaml" if kind == "cald" else kind, ACCOUNTS, stdin=lines).splitlines()
    assert len(answers) == len(cases)
    found, verdicts = [], {True: 0, False: 0}
    for (name, changed), answer in zip(cases, answers):
        findings = [f for f in json.loads(answer) if f["level"] == "error"]
        assert {f["rule"] for f in findings} <= STRUCTURAL | ELSEWHERE, answer
        refused = [f["text"] for f in findings if f["rule"] in STRUCTURAL]
        valid = validator.is_valid(changed)
        verdicts[valid] += 1
        if valid == bool(refused):
            why = refused or [e.message[:200] for e in validator.iter_errors(changed)]
            found.append(f"{kind} {name}: schema {'accepts' if valid else 'refuses'}: {why[:2]}")
    return found, verdicts


def test_the_documents_that_are_changed_are_valid_themselves():
    for kind, document in (("calendar", CALENDAR), ("charter", CHARTER), ("cald", settings())):
        jsonschema.Draft202012Validator(schema(kind)).validate(document)
        answer = run("batch", "cald.yaml" if kind == "cald" else kind, ACCOUNTS, stdin=json.dumps(document) + "\n")
        assert [f for f in json.loads(answer) if f["level"] == "error"] == []


@pytest.mark.parametrize("kind", ["calendar", "charter", "cald"])
def test_schema_and_loader_agree_on_every_change(kind):
    found, verdicts = differences(kind)
    assert found == []
    assert verdicts[True] > 200 and verdicts[False] > 1000  # else the changes tell nothing


def keys_of(part, root):
    """All keys that a schema knows in one place, through references."""
    if "$ref" in part:
        return keys_of(root["$defs"][part["$ref"].rsplit("/", 1)[1]], root)
    return set(part.get("properties", {}))


def test_the_documents_use_every_key_of_the_schemas():
    for kind, document in (("calendar", CALENDAR), ("charter", CHARTER), ("cald", settings())):
        root = schema(kind)
        known = keys_of(root, root)
        for part in root["$defs"].values():
            known |= keys_of(part, root)
        used = {key for path in places(document) for key in path if isinstance(key, str)}
        assert known - used == set(), kind


def test_every_option_of_a_network_is_in_the_schema_and_conversely():
    root = schema("cald")
    common = {"network", "late", "retry", "unsure", "parallel", "spacing", "warn_before", "keep_metadata"}
    assert set(root["$defs"]["account"]["properties"]["network"]["enum"]) == set(networks())
    for name, options in networks().items():
        part = root["$defs"][name]
        assert set(part["properties"]) == common | {option["name"] for option in options}
        assert set(part["required"]) == {"network"} | {o["name"] for o in options if o["required"]}
        for option in options:
            assert part["properties"][option["name"]]["description"] == option["help"]


def test_the_networks_part_is_as_their_tables_say(tmp_path):
    subprocess.run([SOURCE / "schema" / "generate", TOOL, tmp_path / "schema"], check=True)
    here = SOURCE / "schema" / "cald.schema.json"
    assert (tmp_path / "schema").read_text() == here.read_text(), f"run schema/generate {TOOL}"


def test_every_rule_of_the_charter_is_in_the_schema_and_conversely():
    rules = {name.replace("-", "_") for name in json.loads(run("rules"))}
    assert set(schema("charter")["properties"]["checks"]["properties"]) == rules


def test_the_schemas_are_schemas_and_describe_every_key():
    for kind in ("calendar", "charter", "cald"):
        root = schema(kind)
        jsonschema.Draft202012Validator.check_schema(root)
        assert root["title"] and root["description"]
        for path in places(root):
            if len(path) >= 2 and path[-2] == "properties" and path[-3:-2] != ("properties",):
                part = at(root, path)
                assert {"description", "$ref", "const"} & set(part), f"{kind} {path}"


def test_the_examples_are_valid_by_schema_and_by_loader():
    yaml = pytest.importorskip("yaml")
    paths = sorted((SOURCE / "config").glob("example*/**/*.yaml"))
    assert len(paths) == 9
    for path in paths:
        kind = path.stem if path.stem in ("cald", "charter") else "calendar"
        text = path.read_text()

        class Plain(yaml.SafeLoader):  # YAML 1.2's core schema, as editors read: times and dates are texts
            yaml_implicit_resolvers = {first: [r for r in rules if r[0] not in (
                "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")] for first, rules in
                yaml.SafeLoader.yaml_implicit_resolvers.items()}

        Plain.add_implicit_resolver("tag:yaml.org,2002:int", __import__("re").compile("^-?(0|[1-9][0-9]*)$"),
                                    list("-0123456789"))
        jsonschema.Draft202012Validator(schema(kind)).validate(yaml.load(text, Plain))
    answer = run("plan", str(SOURCE / "config" / "example" / "cald.yaml")).splitlines()
    assert json.loads(answer[-1])["errors"] == 0
