"""schema/openapi.yaml describes what the daemon does: the same routes, the same parameters, the same members, and every
answer conforms (each answer in test_api.py is checked too)."""
import re
import sys
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import SOURCE, Answer  # noqa: E402
from openapi import DOCUMENT, CheckedDaemon, _resolved, check_answer  # noqa: E402

ROUTES = (SOURCE / "daemon/control/routes.c").read_text()


def rows():
    """(method, path, role, query table, body table) of each row of the table."""
    for method, path, role, query, body in re.findall(
            r'\{"(\w+)", "([^"]+)", ROLE_(\w+), \w+, (\w+), (\w+), [\w |]+\}', ROUTES):
        yield method, path, role.lower(), query, body
    for name, role, body in re.findall(r'POST_ACTION\("(\w+)", ROLE_(\w+), \w+, (\w+)\)', ROUTES):
        yield "POST", f"/v1/posts/{{id}}/{name}", role.lower(), "account_query", body


def names(table):
    if table == "NULL":
        return set()
    text = re.search(rf"struct param {table}\[\] = \{{(.*?)\}};", ROUTES, re.S)[1]
    for macro in ("CONTENT_MEMBERS", "CONTENT_OF"):
        text = re.sub(macro + r"\(\w+\)", re.search(f"#define {macro}(.*?)\n\n", ROUTES, re.S)[1], text)
    return set(re.findall(r'(?:\.name = |TEXT\(|LIST\()"(\w+)"', text))


def operation(method, path):
    return DOCUMENT["paths"].get(path, {}).get(method.lower())


def test_the_description_is_a_valid_one():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
    ids = [o["operationId"] for p in DOCUMENT["paths"].values() for m, o in p.items() if m in ("get", "post", "patch")]
    assert len(ids) == len(set(ids))

    def references(node):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                _resolved(node)
            for value in node.values():
                references(value)
        elif isinstance(node, list):
            for value in node:
                references(value)
    references(DOCUMENT)


def test_routes_and_description_are_the_same_list():
    described = {(m.upper(), path) for path, item in DOCUMENT["paths"].items() for m in item if m in ("get", "post", "patch")}
    assert {(method, path) for method, path, *_ in rows()} == described
    table = ROUTES.split("const struct route routes[]")[1]
    assert len(described) == table.count('    {"') + table.count("    POST_ACTION(")


@pytest.mark.parametrize("method, path, role, query, body", list(rows()))
def test_parameters_members_and_roles_are_the_described_ones(method, path, role, query, body):
    described = operation(method, path)
    parameters = {_resolved(p)["name"] for p in described.get("parameters", []) if _resolved(p)["in"] == "query"}
    assert parameters == names(query)
    assert described.get("x-role", "none") == role
    in_path = {_resolved(p)["name"] for p in DOCUMENT["paths"][path].get("parameters", [])}
    assert in_path == set(re.findall(r"\{(\w+)\}", path))
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        schema = _resolved(content["application/json"]["schema"])
        assert set(_resolved(schema.get("items", schema)).get("properties", {})) == names(body)


def test_every_operation_is_answered_as_described():
    """One good answer of each operation, checked by CheckedDaemon."""
    with CheckedDaemon() as daemon:
        def good(method, path, body=None, **more):
            answer = daemon.api(method, path, body, **more)
            assert answer.status < 400, (method, path, answer)
            return answer
        add = {"to": ["site"], "text": "x", "at": "2034-06-01 10:00", "draft": True, "id": "p"}
        good("POST", "/v1/posts", add)
        good("POST", "/v1/posts", {"to": ["site"], "text": "y", "id": "q"})
        daemon.wait_state("q", "site", "published")
        good("POST", "/v1/posts/batch", [dict(add, id="b1"), dict(add, id="b2")])
        image = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000049454e44ae426082")
        good("POST", "/v1/media", image, headers={"Content-Type": "image/png"})
        for action in ("approve", "unapprove", "approve", "hold", "release"):
            good("POST", f"/v1/posts/p/{action}")
        good("POST", "/v1/posts/p/move", {"at": "2034-07-01 10:00"})
        good("PATCH", "/v1/posts/p", {"text": "z"})
        good("POST", "/v1/posts/p/cancel", {"why": "enough"})
        good("POST", "/v1/posts", {"to": ["no", "doubt", "site"], "text": "y", "id": "r"})
        daemon.wait_state("r", "no", "refused")
        daemon.wait_state("r", "doubt", "unsure")
        good("POST", "/v1/posts/r/retry")
        good("POST", "/v1/posts/r/resolve", {"published": "https://example.org/"})
        good("POST", "/v1/posts", {"to": ["site"], "text": "y", "id": "s", "at": "2034-06-01 10:00"})
        good("POST", "/v1/posts/s/now")
        for path in ("/v1/accounts/site/check", "/v1/accounts/site/pause", "/v1/accounts/site/resume", "/v1/pause",
                     "/v1/resume", "/v1/reload"):
            good("POST", path)
        good("POST", "/v1/apply", {"plan": good("GET", "/v1/plan").json["plan"]})
        for path in ("/", "/healthz", "/metrics", "/calendar.ics", "/v1/openapi.yaml", "/v1/status", "/v1/accounts",
                     "/v1/slots", "/v1/campaigns", "/v1/deliveries", "/v1/deliveries/q/site", "/v1/deliveries/q/site/history", "/v1/deliveries/q/site/explain",
                     "/v1/history", "/v1/audit", "/v1/alerts", "/v1/backup", "/v1/posts/q", "/feed/site", "/feed/site/", "/feed/site/atom.xml",
                     "/feed/site/feed.json", "/feed/site/posts/q"):
            good("GET", path)
        good("GET", "/v1/posts/q/preview")
        good("POST", "/v1/preview", {"to": ["site"], "text": "x"})
        assert daemon.log_can_be_emptied()


@pytest.mark.parametrize("body, kind", [(b'{"status": "fine"}', "application/json"), (b"{}", "application/json"),
                                        (b'{"status": "ok", "more": 1}', "application/json"), (b"ok", "text/plain")])
def test_the_judge_sees_a_wrong_answer(body, kind):
    class Response:
        status = 200

        @staticmethod
        def getheaders():
            return [("Content-Type", kind)]
    with pytest.raises(AssertionError):
        check_answer("GET", "/healthz", Answer(Response, body))
