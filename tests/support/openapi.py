"""schema/openapi.yaml as a judge of what the daemon answers.

The schemas of OpenAPI 3.1 are JSON Schema 2020-12 and are evaluated by python3-jsonschema.
"""
import datetime
import re
from urllib.parse import urlsplit

import jsonschema
import yaml

from daemon import SOURCE, Daemon

DOCUMENT = yaml.safe_load((SOURCE / "schema" / "openapi.yaml").read_text())
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value):
    return not isinstance(value, str) or bool(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")))


def _resolved(node):
    while "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def _validate(value, schema, what):
    resolver = jsonschema.RefResolver.from_schema(DOCUMENT)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=FORMATS)
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]
    assert not errors, f"{what}: {errors}\n{value}"


def template_of(target):
    """The path of the description that a request's target belongs to, literal ones first; None: it has none."""
    path = urlsplit(target).path
    if path in DOCUMENT["paths"]:
        return path
    for template in sorted(DOCUMENT["paths"], key=lambda t: t.count("{")):
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            return template
    return None


def check_answer(method, target, answer):
    """That the answer is one the description foresees. Returns (operationId, status)."""
    template = template_of(target)
    what = f"{method} {target} -> {answer.status}"
    operation = DOCUMENT["paths"].get(template, {}).get(method.lower())
    if operation is None:  # no operation: the general errors
        assert answer.status in (400, 403, 404, 405, 421), what
        _validate(answer.json, {"$ref": "#/components/schemas/Problem"}, what)
        return None
    assert str(answer.status) in operation["responses"], f"{what} is not described"
    response = _resolved(operation["responses"][str(answer.status)])
    for name, header in response.get("headers", {}).items():
        header = _resolved(header)
        value = answer.headers.get(name.lower())
        assert value is not None or not header.get("required"), f"{what}: no header {name}"
        if value is not None:
            _validate(value, header["schema"], f"{what}: {name}")
    content = response.get("content")
    if not content:
        assert answer.body == b"", what
        return operation["operationId"], answer.status
    kind = answer.headers["content-type"].split(";")[0].strip()
    media = content.get(kind) or content.get(kind.split("/")[0] + "/*")
    assert media is not None, f"{what}: {kind} is not described"
    if kind.endswith("json"):
        _validate(answer.json, media["schema"], what)
    return operation["operationId"], answer.status


def check_request(method, target, body):
    """That a request the daemon accepted is one the description allows."""
    template = template_of(target)
    operation = DOCUMENT["paths"][template][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        _validate(body or {}, content["application/json"]["schema"], f"request {method} {target}")


SEEN = set()


class CheckedDaemon(Daemon):
    """A daemon whose every answer is held against the description."""

    def api(self, method, path, body=None, headers=None, **more):
        answer = super().api(method, path, body, headers, **more)
        if method != "HEAD":
            SEEN.add(check_answer(method, path, answer))
            if answer.status < 300 and method in ("POST", "PATCH") and not isinstance(body, bytes):
                check_request(method, path, body)
        return answer
