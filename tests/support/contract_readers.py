"""How the networks write the descriptions of their APIs; see contract.py. One row of READERS a network.

OpenAPI 3.1 is JSON Schema 2020-12; OpenAPI 3.0 and Swagger 2.0 are nearly draft 4 ('nullable' is theirs); Google's
discovery documents and Telegram's list are made into schemas here.
"""
import functools
import json
import re
import urllib.parse

import jsonschema
import yaml

from contract import SPECS, Contract, Operation

METHODS = ("get", "put", "post", "delete", "patch", "head")
FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"


def load(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _nullable(check):
    def checked(validator, wanted, instance, schema):
        if not (instance is None and schema.get("nullable")):
            yield from check(validator, wanted, instance, schema) or ()
    return checked


OLD = jsonschema.validators.extend(jsonschema.Draft4Validator, {
    word: _nullable(jsonschema.Draft4Validator.VALIDATORS[word]) for word in ("type", "enum")})
NEW = jsonschema.Draft202012Validator


def validator_of(kind, document, base=""):
    handlers = {"file": lambda uri: load_uri(uri)}
    return kind({}, resolver=jsonschema.RefResolver(base, document, handlers=handlers))


@functools.lru_cache(maxsize=None)
def load_uri(uri):
    from pathlib import Path
    return load(Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path)))


# ---- OpenAPI 3 ----

def path_of_server(document):
    servers = document.get("servers") or [{"url": "/"}]
    url = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return urllib.parse.urlsplit(url).path.rstrip("/")


def is_secured(document, operation):
    security = operation.get("security", document.get("security", []))
    return bool(security) and {} not in security


def openapi3_operations(document, resolve):
    prefix = path_of_server(document)
    for template, item in document["paths"].items():
        item = resolve(item)
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            parameters = [resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
            body = resolve(operation.get("requestBody", {}))
            yield Operation(method, prefix + template,
                            [{"schema": {}} | p for p in parameters if p["in"] != "cookie"],
                            {kind: media.get("schema", {}) for kind, media in body.get("content", {}).items()},
                            body.get("required", False), is_secured(document, operation))


def discriminated(schema):
    """One that names its kinds by a discriminator alone is any of them."""
    kinds = schema.get("discriminator", {}).get("mapping", {}).values()
    alone = kinds and not any(word in schema for word in ("oneOf", "anyOf", "allOf"))
    return schema | {"anyOf": [{"$ref": kind} for kind in kinds]} if alone else schema


def openapi3(path, adapt=None):
    document = load(path)
    schemas = document.get("components", {}).get("schemas", {})
    schemas.update({name: discriminated(schema) for name, schema in schemas.items()})
    validator = validator_of(NEW if document["openapi"].startswith("3.1") else OLD, document)

    def resolve(node):
        while "$ref" in node:
            node = validator.resolver.resolve(node["$ref"])[1]
        return node
    return Contract(path.parent.name, list(openapi3_operations(document, resolve)), validator, adapt)


def absolute(node, base):
    """References of one file of many, made to hold from anywhere."""
    if isinstance(node, list):
        return [absolute(item, base) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: urllib.parse.urljoin(base, value) if key == "$ref" and isinstance(value, str) else absolute(value, base)
            for key, value in node.items()}


class Files:
    """A description in many YAML files that refer to one another."""

    def __init__(self):
        self.loaded = {}

    def document(self, uri):
        if uri not in self.loaded:
            self.loaded[uri] = absolute(load_uri(uri), uri)
        return self.loaded[uri]

    def validator(self):
        return NEW({}, resolver=jsonschema.RefResolver("", {}, handlers={"file": self.document}))

    def resolve(self, node):
        validator = self.validator()
        while "$ref" in node:
            node = validator.resolver.resolve(node["$ref"])[1]
        return node


def openapi3_files(folder, pattern="*.yaml", adapt=None):
    files, operations = Files(), []
    for path in sorted(folder.glob(pattern)):
        document = files.document(path.as_uri())
        if "paths" in document:
            operations += openapi3_operations(document, files.resolve)
    return Contract(folder.relative_to(SPECS).parts[0], operations, files.validator(), adapt)


# ---- Swagger 2 ----

def swagger2(path, adapt=None, secret=None):
    """secret: the parameter that stands for the credentials, which go into the Authorization header today."""
    document = load(path)
    operations = []
    for template, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            all_of_them = item.get("parameters", []) + item[method].get("parameters", [])
            own = [p for p in all_of_them if p["name"] != secret]
            form = [p for p in own if p["in"] == "formData"]
            schema = {"type": "object", "properties": {p["name"]: schema_of_parameter(p) for p in form},
                      "required": [p["name"] for p in form if p.get("required")], "additionalProperties": False}
            bodies = {kind: schema for kind in (FORM, JSON, MULTIPART)} if form else {}
            bodies |= {JSON: p["schema"] for p in own if p["in"] == "body"}
            operations.append(Operation(
                method, document.get("basePath", "").rstrip("/") + template,
                [p | {"schema": schema_of_parameter(p)} for p in own if p["in"] in ("query", "path", "header")],
                bodies, bool(schema["required"]),
                len(own) < len(all_of_them) or is_secured(document, item[method])))
    return Contract(path.parent.name, operations, validator_of(OLD, document), adapt)


def schema_of_parameter(parameter):
    words = ("type", "format", "enum", "items", "minimum", "maximum", "minLength", "maxLength", "pattern")
    schema = {word: parameter[word] for word in words if word in parameter}
    return {} if schema.get("type") == "file" else schema


# ---- Google discovery ----

def google_schema(node):
    """Their references are names; 'required' and 'repeated' of single members are annotations."""
    if isinstance(node, list):
        return [google_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: f"#/schemas/{value}" if key == "$ref" else google_schema(value) for key, value in node.items()
            if isinstance(value, dict) and key != "annotations" or  # a member that has such a name
            key not in ("required", "id", "annotations", "enumDescriptions", "default")}


def google_parameters(document, method, more=()):
    for name, p in {**document.get("parameters", {}), **method.get("parameters", {}), **dict(more)}.items():
        schema = {"type": p["type"]} | ({"enum": p["enum"]} if "enum" in p else {})
        yield {"name": name, "in": p.get("location", "query"), "required": p.get("required", False), "explode": False,
               "schema": {"type": "array", "items": schema} if p.get("repeated") else schema}


def google_methods(resources):
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from google_methods(resource.get("resources", {}))


def discovery(path):
    document = load(path)
    document["schemas"] = google_schema(document["schemas"])
    operations = []
    upload = {"uploadType": {"type": "string", "required": True, "enum": ["media", "multipart", "resumable"]},
              "upload_id": {"type": "string"}}.items()
    for method in google_methods(document["resources"]):
        bodies = {JSON: google_schema(method["request"])} if "request" in method else {}
        template = "/" + document["servicePath"] + method["path"]
        operations.append(Operation(method["httpMethod"], template, google_parameters(document, method), bodies, bool(bodies),
                                    True))
        for protocol in method.get("mediaUpload", {}).get("protocols", {}).values():
            operations.append(Operation(method["httpMethod"], protocol["path"], google_parameters(document, method, upload),
                                        bodies | {"*/*": {}}, False, True))
    return Contract(path.parent.name, operations, validator_of(OLD, document))


# ---- Telegram ----

TELEGRAM_TYPES = {"Integer": {"type": "integer"}, "String": {"type": "string"}, "Boolean": {"type": "boolean"},
                  "Float": {"type": "number"}, "InputFile": {"type": "string"}}


def telegram_type(name):
    if name.startswith("Array of "):
        return {"type": "array", "items": telegram_type(name.removeprefix("Array of "))}
    return TELEGRAM_TYPES.get(name) or {"$ref": f"#/types/{name}"}


def one_of_types(names):
    return telegram_type(names[0]) if len(names) == 1 else {"anyOf": [telegram_type(name) for name in names]}


def telegram_object(described):
    if described.get("subtypes"):
        return one_of_types(described["subtypes"])
    fields = described.get("fields", [])
    return {"type": "object", "required": [f["name"] for f in fields if f["required"]], "additionalProperties": False,
            "properties": {f["name"]: one_of_types(f["types"]) for f in fields}}


def telegram(path):
    described = load(path)
    document = {"types": {name: telegram_object(one) for name, one in described["types"].items()}}
    operations = []
    for name, method in described["methods"].items():
        schema = telegram_object(method)
        bodies = {kind: schema for kind in (JSON, FORM, MULTIPART)}
        operations.append(Operation("POST", f"/bot{{token}}/{name}", [], bodies, bool(schema["required"])))
        if not schema["required"]:
            operations.append(Operation("GET", f"/bot{{token}}/{name}"))

    def adapt(operation, fields):
        """Files of an album are further parts, which its 'media' names."""
        named = set(re.findall(r'"attach://([^"]+)"', fields.get("media", ""))) if isinstance(fields.get("media"), str) else set()
        missing = {name for name in named if not isinstance(fields.get(name), bytes)}
        assert not missing, f"no part {missing} for attach://"
        return {name: value for name, value in fields.items() if name not in named}
    return Contract("telegram", operations, validator_of(NEW, document), adapt)


# ---- Meta ----

def graph_operation(method, template, fields):
    """Meta's own forms name parameters and say little of their types. All may be in the query, or in the form of a POST."""
    query = [{"name": name, "in": "query", "schema": {}} for name in sorted(fields | {"fields", "limit"})]
    schema = {"type": "object", "additionalProperties": False, "properties": {name: {} for name in sorted(fields | {"fields"})}}
    bodies = {kind: schema for kind in (FORM, MULTIPART)} if method == "POST" else {}
    return Operation(method, template, query, bodies, False, True)


def graph_form(operation, fields):
    """docs, "Pages API, posts": attached_media[0], attached_media[1] … are one list; a photo's bytes are in 'source'."""
    return {re.sub(r"\[\d+\]$", "", name): value for name, value in fields.items() if name != "source"}


def meta(folder):
    """api_specs of facebook-business-sdk-codegen: nodes, their fields and edges."""
    operations = [graph_operation("GET", "/{version}/{node}", set())]
    for node in ("Page", "IGUser", "IGUserForIGOnlyAPI"):
        for api in load(folder / f"{node}.json")["apis"]:
            fields = {parameter["name"] for parameter in api["params"]}
            if "endpoint" in api:
                operations.append(graph_operation(api["method"], "/{version}/{node}/" + api["endpoint"], fields))
    return Contract("meta", operations, validator_of(NEW, {}), graph_form)


def postman_requests(items):
    for item in items:
        yield from postman_requests(item["item"]) if "item" in item else [item["request"]]


def threads(path):
    """Meta's Postman collection: several requests show one operation, each with what may be sent."""
    known = {}
    for request in postman_requests(load(path)["item"]):
        url = request["url"]
        if isinstance(url, dict) and url["path"]:
            segments = ["{node}" if segment == "me" or "{{" in segment else segment for segment in url["path"] if segment]
            names = {one["key"] for one in url.get("query", [])}
            known.setdefault((request["method"], "/{version}/" + "/".join(segments)), set()).update(names)
    return Contract("threads", [graph_operation(*of, names) for of, names in known.items()], validator_of(NEW, {}), graph_form)


# ---- what descriptions leave to the documentation ----

def discord_form(operation, fields):
    """docs, "Uploading Files": all but the files is JSON in the part payload_json; files[N] goes with attachments' id N."""
    if "payload_json" not in fields:
        return fields
    value = fields["payload_json"]
    value = json.loads(value) if isinstance(value, str) else value
    files = {name for name in fields if re.fullmatch(r"files\[\d\]", name) and isinstance(fields[name], bytes)}
    assert set(fields) == files | {"payload_json"}, f"parts that are not documented: {sorted(fields)}"
    ids = [f"files[{attachment['id']}]" for attachment in value.get("attachments", [])]
    assert sorted(ids) == sorted(files), f"attachments {ids} and files {files} do not agree"
    return value


def slack_json(operation, fields):
    """docs, "Web API": in a JSON body what the form has as JSON text stands as it is."""
    return {name: json.dumps(value) if isinstance(value, (list, dict)) else value for name, value in fields.items()}


def discourse_tags(operation, fields):
    """The code takes 'tags' with a new topic; the description lacks it."""
    return {name: value for name, value in fields.items() if name != "tags"}


def ghost(folder):
    """Ghost describes bodies alone; the operations are those of its documentation."""
    schemas = {one["$id"]: absolute(one, one["$id"]) for one in map(load, sorted(folder.glob("*.json")))}
    validator = jsonschema.Draft7Validator({}, resolver=jsonschema.RefResolver("", {}, store=schemas))
    at, query = "/ghost/api/admin/", [{"in": "query", "name": name, "schema": {"type": "string"}} for name in
                                      ("source", "newsletter", "email_segment", "limit", "fields")]
    operations = [Operation("POST", at + "posts/", query, {JSON: {"$ref": "posts.add"}}, True, True),
                  Operation("PUT", at + "posts/{id}/", query, {JSON: {"$ref": "posts.edit"}}, True, True),
                  *(Operation("POST", at + f"{kind}/upload/", (), {MULTIPART: {"type": "object"}}, True, True)
                    for kind in ("images", "media", "files"))]
    operations += [Operation(method, at + path, query, authorised=True) for method, path in
                   (("GET", "posts/"), ("GET", "posts/{id}/"), ("GET", "posts/slug/{slug}/"), ("DELETE", "posts/{id}/"))]
    return Contract("ghost", operations, validator)


def lemmy(path):
    """The query is described as one object each; images go to pict-rs, which the description leaves out."""
    contract = openapi3(path)
    for one in contract.operations:
        objects = [contract.resolved(parameter["schema"]) for parameter in one.parameters if parameter["in"] == "query"]
        one.parameters = [{"name": name, "in": "query", "schema": schema, "required": name in whole.get("required", [])}
                          for whole in objects for name, schema in whole.get("properties", {}).items()]
        one.authorised = one.authorised and one.template != "/api/v3/user/login"
    contract.operations.append(Operation("POST", "/pictrs/image", [], {MULTIPART: {
        "type": "object", "required": ["images[]"], "properties": {"images[]": {}}, "additionalProperties": False}}, True, True))
    return contract


def nodebb(folder):
    """It describes what an upload answers and not what it is: files[], as its own composer sends them."""
    contract = openapi3_files(folder)
    upload = next(one for one in contract.operations if one.template.endswith("/post/upload"))
    upload.bodies = {MULTIPART: {"type": "object", "required": ["files[]"], "properties": {"files[]": {}}, "additionalProperties": False}}
    return contract


def matrix(folder):
    """The last part of a state event's path is empty where the key is: then it and its slash may be left out."""
    contract = openapi3_files(folder)
    whole = next(one for one in contract.operations if one.template.endswith("/state/{eventType}/{stateKey}"))
    contract.operations.append(Operation("GET", whole.template.removesuffix("/{stateKey}"), authorised=True, parameters=[
        one for one in whole.parameters if one["name"] != "stateKey"]))
    upload = next(one for one in contract.operations if one.template.endswith("/media/v3/upload"))
    upload.bodies = {"*/*": {}}  # described as octets, whatever the Content-Type says that they are
    return contract


def slack(path):
    """The description ends in 2021: what came since is added from the documentation (docs.slack.dev); and a ts is a text
    there, for a number would lose digits."""
    contract = swagger2(path, slack_json, secret="token")
    for operation in contract.operations:
        if operation.template == "/api/chat.postMessage":
            operation.bodies[JSON]["properties"]["metadata"] = {"type": "string"}
        if operation.template in ("/api/chat.update", "/api/chat.delete"):
            operation.bodies[JSON]["properties"]["ts"] = {"type": "string"}
        if operation.template in ("/api/conversations.history", "/api/conversations.replies"):
            operation.parameters.append({"name": "include_all_metadata", "in": "query", "schema": {"type": "boolean"}})
    text = {"type": "string"}
    ticket = {"type": "object", "required": ["filename", "length"], "additionalProperties": False,
              "properties": {"filename": text, "length": {"type": "integer"}, "alt_txt": text}}
    finish = {"type": "object", "required": ["files"], "additionalProperties": False,
              "properties": {"files": text, "channel_id": text, "initial_comment": text, "thread_ts": text}}
    hook = {"type": "object", "additionalProperties": False, "properties": {
        "text": text, "blocks": text, "thread_ts": text, "unfurl_links": {"type": "boolean"}, "unfurl_media": {"type": "boolean"}}}
    contract.operations += [
        Operation("POST", "/api/files.getUploadURLExternal", [], {FORM: ticket}, True, True),
        Operation("POST", "/api/files.completeUploadExternal", [], {JSON: finish}, True, True),
        Operation("POST", "/upload/{ticket}", [], {"*/*": {}}, True),
        Operation("POST", "/services/{team}/{app}/{secret}", [], {JSON: hook}, True)]
    return contract


# ---- lexicons of the AT Protocol ----

SIMPLE = {"string": {"type": "string"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"}, "unknown": {"type": "object",
          "additionalProperties": True}, "bytes": {"type": "object"}, "cid-link": {"type": "object"}, "token": {"type": "string"}}
BLOB = {"type": "object", "required": ["$type", "ref", "mimeType", "size"], "properties": {
    "$type": {"const": "blob"}, "ref": {"type": "object", "properties": {"$link": {"type": "string"}}}, "mimeType": {"type": "string"},
    "size": {"type": "integer"}}}


def lexicon_object(node, home):
    properties = {name: lexicon_schema(member, home) for name, member in node.get("properties", {}).items()}
    properties.update({name: {"anyOf": [properties[name], {"type": "null"}]} for name in node.get("nullable", [])})
    return {"type": "object", "required": node.get("required", []), "properties": {"$type": {"type": "string"}} | properties}


def lexicon_union(node, home):
    """Each says which it is."""
    return {"oneOf": [{"allOf": [lexicon_schema({"type": "ref", "ref": ref}, home), {"type": "object", "required": ["$type"], "properties": {
        "$type": {"const": (home + ref if ref.startswith("#") else ref).removesuffix("#main")}}}]} for ref in node["refs"]]}


def lexicon_schema(node, home):
    """home: the id of the lexicon that the node stands in."""
    kind = node["type"]
    if kind == "ref":
        name = home + node["ref"] if node["ref"].startswith("#") else node["ref"]
        return {"$ref": "#/definitions/" + (name if "#" in name else name + "#main").replace("#", ":")}
    if kind == "union":
        return lexicon_union(node, home)
    if kind == "object":
        return lexicon_object(node, home)
    if kind == "array":
        return {"type": "array", "items": lexicon_schema(node["items"], home)} | (
            {"maxItems": node["maxLength"]} if "maxLength" in node else {})
    if kind == "blob":
        patterns = [re.escape(kind).replace(r"\*", ".*") for kind in node.get("accept", ["*/*"])]
        limits = {"mimeType": {"type": "string", "pattern": "^(" + "|".join(patterns) + ")$"}}
        return {"allOf": [BLOB, {"properties": limits | ({"size": {"maximum": node["maxSize"]}} if "maxSize" in node else {})}]}
    words = {"maxLength": "maxLength", "minLength": "minLength", "minimum": "minimum", "maximum": "maximum", "enum": "enum"}
    return SIMPLE[kind] | {ours: node[theirs] for theirs, ours in words.items() if theirs in node and kind in ("string", "integer")}


def lexicon_operation(id, node):
    inputs = node.get("input", {})
    parameters = node.get("parameters", {})
    found = [{"name": name, "in": "query", "required": name in parameters.get("required", []), "explode": True,
              "schema": lexicon_schema(schema, id)} for name, schema in parameters.get("properties", {}).items()]
    body = lexicon_schema(inputs["schema"], id) if "schema" in inputs else {}
    return Operation("GET" if node["type"] == "query" else "POST", f"/xrpc/{id}", found,
                     {inputs["encoding"]: body} if inputs else {}, bool(inputs))


def atproto(folder):
    """A record is of any kind there; cald's are posts. docs.bsky.app, "Uploading Video": uploadVideo has a query."""
    loaded = [load(path) for path in sorted((folder / "lexicons").rglob("*.json"))]
    definitions, operations = {}, []
    for document in loaded:
        for name, node in document["defs"].items():
            if node["type"] in ("query", "procedure"):
                operations.append(lexicon_operation(document["id"], node))
            elif node["type"] in ("record", "object", "array", "string", "union", "token"):
                definitions[f"{document['id']}:{name}"] = lexicon_schema(node.get("record", node), document["id"])
    of = {operation.template.removeprefix("/xrpc/"): operation for operation in operations}
    of["com.atproto.repo.putRecord"].bodies[JSON]["properties"]["record"] = {"$ref": "#/definitions/app.bsky.feed.post:main"}
    of["app.bsky.video.uploadVideo"].parameters = [{"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
                                                   for name in ("did", "name")]
    return Contract("atproto", operations, validator_of(NEW, {"definitions": definitions}))


READERS = {
    "atproto": atproto,
    "discord": lambda at: openapi3(at / "openapi.json", discord_form),
    "discourse": lambda at: openapi3(at / "openapi.json", discourse_tags),
    "forem": lambda at: openapi3(at / "api_v1.json"),
    "ghost": ghost,
    "lemmy": lambda at: lemmy(at / "lemmy_spec_v019_unofficial.yaml"),
    "mastodon": lambda at: openapi3(at / "mastodon-openapi.json"),
    "matrix": lambda at: matrix(at / "data/api/client-server"),
    "meta": meta,
    "nodebb": nodebb,
    "pinterest": lambda at: openapi3(at / "openapi.json"),
    "slack": lambda at: slack(at / "slack_web_openapi_v2.json"),
    "telegram": lambda at: telegram(at / "api.json"),
    "threads": lambda at: threads(at / "threads-api.postman_collection.json"),
    "x": lambda at: openapi3(at / "openapi.json"),
    "youtube": lambda at: discovery(at / "youtube__v3.json"),
}


@functools.lru_cache(maxsize=None)
def read(name):
    return READERS[name](SPECS / name)
