"""The networks' own descriptions of their APIs as judges of what our drivers send.

    judge = Contract.find("discord")                  None where the descriptions are not there: skip, and say so
    with ScriptedServer(mind, log, contract=judge) …  every request is held against it; the test fails at the end
    judge.complaints(request)                         or by hand: a list of sentences, empty when all is well
    needs_contract("discord")                         the mark that skips a test, with the reason

The descriptions are data of others and not part of this project: they are looked for beside the checkout
(../shared/specs), or where CALD_SPECS says. How each is written (OpenAPI 3, Swagger 2, Google discovery, Telegram's own
form) is contract_readers.py's matter, which makes operations of it; the schemas are judged by python3-jsonschema.

What is judged: method and path; path, query and header parameters; that the credentials are in the Authorization header
where the description asks for some; the body's type, its members, and that there are no others: a misspelt optional
member passes any schema, and is refused here unless the schema says that others may be there. Answers are not judged.
"""
import json
import os
import re
import urllib.parse
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest
from jsonschema.exceptions import best_match

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).resolve().parents[2]))
SPECS = Path(os.environ.get("CALD_SPECS", SOURCE.parent / "shared" / "specs"))
COMPOSED = ("allOf", "anyOf", "oneOf")


class Operation:
    """One of a description. parameters: [{"name", "in", "required", "schema"}]; bodies: media type → schema."""

    def __init__(self, method, template, parameters=(), bodies=None, body_required=False, authorised=False):
        self.method, self.template, self.parameters = method.upper(), template, list(parameters)
        self.bodies, self.body_required, self.authorised = bodies or {}, body_required, authorised
        literal = re.split(r"\{([^}]+)\}", template)
        self.names = literal[1::2]
        self.pattern = re.compile("([^/]+)".join(re.escape(part) for part in literal[::2]))


def parts_of(request):
    """The fields of a multipart form: text as text, files and other types as bytes, JSON as its value."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    fields = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if part.get_content_type() == "application/json":
            fields[name] = json.loads(data)
        else:
            fields[name] = data if part.get_filename() is not None else data.decode()
    return fields


class Contract:
    def __init__(self, name, operations, validator, adapt=None):
        """validator: of jsonschema, for the whole document (its resolver finds the references). adapt(operation, fields)
        → fields: what the network's documentation says of bodies and its description does not."""
        self.name, self.operations, self.validator = name, operations, validator
        self.adapt = adapt or (lambda operation, fields: fields)
        self.operations.sort(key=lambda o: (o.template.count("{"), -len(o.template)))

    @staticmethod
    def find(name):
        import contract_readers
        return contract_readers.read(name) if (SPECS / name).is_dir() else None

    # ---- schemas ----

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.validator.resolver.resolve(schema["$ref"])[1]
        return schema

    def types(self, schema, depth=0):
        """The JSON types that a schema allows, as far as it says so."""
        schema = self.resolved(schema)
        own = schema.get("type", [])
        found = set(own if isinstance(own, list) else [own])
        for word in COMPOSED:
            for part in schema.get(word, []) if depth < 20 else []:
                found |= self.types(part, depth + 1)
        return found

    def read_text(self, text, schema):
        """What a text in a query or a form stands for."""
        types = self.types(schema)
        if types & {"array", "object"} and text[:1] in ("[", "{"):
            return json.loads(text)
        if "boolean" in types and text in ("true", "false"):
            return text == "true"
        if types & {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", text) and "string" not in types:
            return json.loads(text)
        return text

    def members(self, schemas):
        """(name → the schemas it may follow, whether others may be there), of all the schemas together."""
        known, is_open, left = {}, False, list(schemas)
        while left:
            schema = self.resolved(left.pop())
            for name, one in schema.get("properties", {}).items():
                known.setdefault(name, []).append(one)
            left += [part for word in COMPOSED for part in schema.get(word, [])]
            others = schema.get("additionalProperties", False)
            is_object = "object" in self.types(schema) and not any(word in schema for word in COMPOSED)
            is_open |= bool(others) or (is_object and not schema.get("properties")) or "patternProperties" in schema
        return known, is_open

    def items(self, schemas):
        found, left = [], list(schemas)
        while left:
            schema = self.resolved(left.pop())
            found += [schema["items"]] if isinstance(schema.get("items"), dict) else []
            left += [part for word in COMPOSED for part in schema.get(word, [])]
        return found

    def unknown(self, value, schemas, where=""):
        """Members that no schema names."""
        if isinstance(value, list):
            inner = self.items(schemas)
            return [w for i, item in enumerate(value) if inner for w in self.unknown(item, inner, f"{where}/{i}")]
        if not isinstance(value, dict):
            return []
        known, is_open = self.members(schemas)
        found = [f"{where}/{name} is not a member that is described" for name in value
                 if name not in known and known and not is_open]
        return found + [w for name in value if name in known
                        for w in self.unknown(value[name], known[name], f"{where}/{name}")]

    def judge(self, value, schema, what):
        errors = sorted(self.validator.evolve(schema=schema).iter_errors(value), key=lambda e: list(map(str, e.path)))
        errors = [best_match([e]) for e in errors]
        return [f"{what}: {'/'.join(map(str, e.absolute_path))}: {e.message[:500]}" for e in errors]

    # ---- requests ----

    def operation_of(self, request):
        """The operation and its path parameters; (None, …) where there is none."""
        for operation in self.operations:
            match = operation.pattern.fullmatch(request.path)
            if match and operation.method == request.method:
                return operation, dict(zip(operation.names, map(urllib.parse.unquote, match.groups())))
        return None, {}

    def of_parameter(self, request, parameter, in_path):
        name, schema = parameter["name"], parameter["schema"]
        if parameter["in"] == "query":
            given = [value for key, value in request.pairs if key in (name, f"{name}[]")]
        elif parameter["in"] == "path":
            given = [in_path[name]] if name in in_path else []
        else:
            given = [request.headers[name.lower()]] if name.lower() in request.headers else []
        if not given:
            return [f"{parameter['in']} parameter {name} is missing"] if parameter.get("required") else []
        if "array" in self.types(schema):
            pieces = [piece for value in given for piece in (value.split(",") if not parameter.get("explode") else [value])]
            inner = self.items([schema]) or [{}]
            return self.judge([self.read_text(piece, inner[0]) for piece in pieces], schema, name)
        return self.judge(self.read_text(given[-1], schema), schema, f"{parameter['in']} parameter {name}")

    def of_parameters(self, request, operation, in_path):
        described = {p["name"] for p in operation.parameters if p["in"] == "query"}
        found = [f"query parameter {name} is not described" for name, _ in request.pairs
                 if name.removesuffix("[]") not in described and name not in described]
        return found + [c for p in operation.parameters for c in self.of_parameter(request, p, in_path)]

    def schema_for(self, operation, kind):
        for described, schema in operation.bodies.items():
            described = described.split(";")[0].strip()
            if described in (kind, "*/*") or (described.endswith("/*") and kind.startswith(described[:-1])):
                return schema
        return None

    def of_body(self, request, operation):
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if not request.body and not kind:
            return ["a body is missing"] if operation.body_required else []
        schema = self.schema_for(operation, kind)
        if schema is None:
            # GET with an empty body of some type is how some clients say "nothing"
            return [f"a body of type '{kind}' is not described"] if request.body else []
        if kind.endswith("json"):
            value = json.loads(request.body)
        elif kind == "multipart/form-data":
            value = parts_of(request)
        elif kind == "application/x-www-form-urlencoded":
            value = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
        else:
            return []
        value = self.adapt(operation, value) if isinstance(value, dict) else value
        if isinstance(value, dict) and not kind.endswith("json"):
            value = self.read_form(value, schema)
        return self.judge(value, schema, "body") + self.unknown(value, [schema], "body")

    def read_form(self, fields, schema):
        known, _ = self.members([schema])
        return {name: "(bytes)" if isinstance(value, bytes) else
                self.read_text(value, {"anyOf": known[name]}) if isinstance(value, str) and name in known else value
                for name, value in fields.items()}

    def complaints(self, request):
        operation, in_path = self.operation_of(request)
        what = f"{request.method} {request.path}"
        if operation is None:
            return [f"{what}: {self.name} describes no such operation"]
        found = self.of_parameters(request, operation, in_path) + self.of_body(request, operation)
        if operation.authorised and not (request.headers.get("authorization") or request.headers.get("api-key")):
            found.append("there is no Authorization header")
        return [f"{what}: {complaint}" for complaint in found]


def needs_contract(name):
    return pytest.mark.skipif(not (SPECS / name).is_dir(), reason=f"{SPECS / name}, {name}'s own description, is not there")
