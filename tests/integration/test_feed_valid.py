"""The feed's Atom, JSON Feed and pages, held against validators that know nothing of us, with awkward content.

Atom: a RELAX NG schema of RFC 4287 (lxml) and feedparser. JSON Feed: a JSON Schema of version 1.1. Pages: html5lib in
its errors, tidy, and our own outline and landmark rules.
"""
import json
import os
import pathlib
import subprocess

import feedparser
import html5lib
import jsonschema
import pytest
from lxml import etree

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CALD_BUILD", SOURCE / "build" / "gcc"))
SUPPORT = SOURCE / "tests" / "support"
RNG = etree.RelaxNG(etree.parse(str(SUPPORT / "atom.rng")))
JSON_FEED = json.loads((SUPPORT / "jsonfeed.schema.json").read_text())
HTML = "{http://www.w3.org/1999/xhtml}"

AWKWARD = {
    "plain": "Hello world",
    "markup": "<script>alert('x')</script> & &amp; </title></style>]]> <!-- -->",
    "cdata": "a ]]> b <![CDATA[ c ]]>",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣ é e\u0301",
    "right to left": "שלום \u202eעולם\u202c مرحبا",
    "noncharacters": "a \ufffe b \uffff c \U0001ffff d \ufdd0",
    "C1 and odd spaces": "a \u00a0\u2028\u2029\ufeff b \u200b c",
    "links": "see https://example.org/?a=1&b=\"2\", http://例え.jp/ö and (https://e.org/(x)).",
    "lines": "one\ntwo\n\n\n\nthree\n\n",
    "very long word": "x" * 5000,
    "braces": "{{text}} %s %n \\u0000 \\",
    "quotes": "'\"`´« »",
}
MARKDOWN = """# Top <b>x</b>

## Second & third ]]>

> quote with `code <b>` and [a link](https://example.org/?a=1&b=2 "title \\" here")

![an image](media/a.png) ![elsewhere](https://example.org/x.png)

<div onclick="evil()"><script>alert(1)</script></div>

1. one
2. two
   - nested

```html
<p>shown</p>
```

[bad](javascript:alert(1)) <https://auto.example/> line  
break
---
"""


def media(name="media/a.png", alt="A \"quoted\" <alt> & more"):
    return {"file": name, "alt": alt, "mime": "image/png", "sha256": "ab" * 32, "size": 73, "width": 4, "height": 3}


def content(text, **more):
    parts = [{"text": t} for t in (text if isinstance(text, list) else [text])]
    if "images" in more:
        parts[0]["media"] = more.pop("images")
    return {"parts": parts, "visibility": "public", **more}


def posts():
    made = [content(text) for text in AWKWARD.values()]
    made += [content(text, title=text[:60], summary=text, tags=[text[:20], "b"], warning=text[:40]) for text in
             AWKWARD.values() if "\n" not in text]
    made.append(content("", title="Body", body=MARKDOWN, images=[media(), media("b.png", "")], language="he",
                        link="https://example.org/?x=1&y=2"))
    made.append(content("", body=MARKDOWN))
    made.append(content(["part one", "part two <b>", "part three https://example.org/"], images=[media()]))
    made.append(content("", images=[media()]))
    made.append(content("", link="https://example.org/only"))
    return [{"id": f"post {i}/é&<", "at": f"2026-12-01T08:00:{i:02}.5Z", "content": c} for i, c in enumerate(made)]


def render(what, entries=None, **options):
    asked = {"base": "http://127.0.0.1:8080", "options": options, "posts": posts() if entries is None else entries}
    run = subprocess.run([BUILD / "tests" / "feed_tool", what], input=json.dumps(asked).encode(), capture_output=True,
                         timeout=60, check=False)
    assert run.returncode == 0 and not run.stderr, run.stderr.decode()
    return run.stdout


ACCOUNTS = [
    pytest.param({}, id="no options"),
    pytest.param({"title": "A & <B> \"c\"", "author": "Zoë & Co", "language": "fr-CA",
                  "url": "https://example.org/base/"}, id="all options"),
]


@pytest.mark.parametrize("options", ACCOUNTS)
@pytest.mark.parametrize("entries", [None, []], ids=["full", "empty"])
def test_atom_is_valid(options, entries):
    text = render("atom", entries, **options)
    tree = etree.fromstring(text)
    assert RNG.validate(tree), RNG.error_log
    atom = {"a": "http://www.w3.org/2005/Atom"}
    ids = tree.xpath("//a:id/text()", namespaces=atom)
    assert len(tree.xpath("a:link[@rel='self']", namespaces=atom)) == 1
    if "url" in options and entries is None:
        assert len(set(ids)) == len(posts()) + 1
        assert all(i.startswith("tag:example.org,2026:cald/") for i in ids[1:])
    parsed = feedparser.parse(text, response_headers={"content-type": "application/atom+xml; charset=utf-8"})
    assert not parsed.bozo, parsed.bozo_exception
    assert len(parsed.entries) == len(posts() if entries is None else entries)


@pytest.mark.parametrize("options", ACCOUNTS)
@pytest.mark.parametrize("entries", [None, []], ids=["full", "empty"])
def test_json_feed_is_valid(options, entries):
    feed = json.loads(render("json", entries, **options))
    jsonschema.Draft7Validator(JSON_FEED).validate(feed)
    assert len(feed["items"]) == len(posts() if entries is None else entries)


def test_texts_arrive_as_they_were_written():
    made = posts()
    items = json.loads(render("json"))["items"]
    entries = feedparser.parse(render("atom"), sanitize_html=False, resolve_relative_uris=False).entries
    forbidden = dict.fromkeys([0xFFFE, 0xFFFF, 0x1FFFF, 0xFDD0])
    for post, item, entry in zip(made, items, entries):
        title = post["content"].get("title")
        if title:
            assert item["title"] == title
            shown = etree.fromstring("<x/>")
            shown.text = title.translate(forbidden)
            assert entry.title == etree.tostring(shown, encoding="unicode")[3:-4].strip() or \
                entry.title == title.translate(forbidden).strip()
        html = html5lib.parseFragment(item["content_html"])
        words = "".join(html.itertext())
        for part in post["content"]["parts"]:
            for line in part["text"].split("\n"):
                assert line.strip().translate(forbidden) in words


def strict(text):
    parser = html5lib.HTMLParser()
    tree = parser.parse(text.decode())
    return tree, [(place, code) for place, code, _ in parser.errors]


def every_page():
    yield "list", render("page", language="fr", title="Titre & <b>")
    yield "empty", render("page", [])
    for post in posts():
        yield post["id"], render("entry", [post])


def outline(tree):
    return [int(e.tag[-1]) for e in tree.iter() if isinstance(e.tag, str) and e.tag.startswith(HTML + "h")
            and e.tag[-1].isdigit()]


def test_pages_are_html_without_errors():
    for name, text in every_page():
        _, errors = strict(text)
        assert not errors, (name, errors, text.decode()[:2000])


def test_tidy_has_nothing_to_say():
    for name, text in every_page():
        run = subprocess.run(["tidy", "-quiet", "-errors", "-utf8", "--fix-uri", "no", "--drop-empty-elements",
                              "no"], input=text, capture_output=True, timeout=60, check=False)
        said = [line for line in run.stderr.decode().splitlines() if line.strip()]
        assert run.returncode == 0 and not said, (name, said)


def test_pages_are_accessible():
    for name, text in every_page():
        tree, _ = strict(text)
        body = tree.find(f"{HTML}body")
        assert tree.get("lang"), name
        for landmark in ("header", "main", "footer"):
            assert len(body.findall(f"{HTML}{landmark}")) == 1, (name, landmark)
        assert body[0].get("href") == "#" + body.find(f"{HTML}main").get("id"), name
        levels = outline(tree)
        assert levels.count(1) == 1 and levels[0] == 1, (name, levels)
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:])), (name, levels)
        assert all(image.get("alt") is not None for image in tree.iter(f"{HTML}img")), name
        assert all("".join(link.itertext()).strip() for link in body.iter(f"{HTML}a")), name


def test_nothing_runs_and_no_address_is_dangerous():
    for name, text in every_page():
        tree, _ = strict(text)
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag != f"{HTML}script", name
            assert not [a for a in element.attrib if a.startswith("on") or a == "style"], (name, element.attrib)
            for attribute in ("href", "src"):
                url = element.get(attribute, "https://")
                assert url.startswith(("http://", "https://", "#")) or ":" not in url, (name, url)


def test_the_schema_refuses_what_is_no_feed():
    """The validators can fail: a schema that takes anything would prove nothing."""
    good = render("atom", **{"url": "https://example.org"}).decode()
    for wrong, right in (("<id>", "<x>"), ("Z</updated>", "</updated>"), ("rel=\"self\"", "rel=\"me\""),
                         ("<title>", "<title type=\"x\">")):
        broken = good.replace(wrong, right) if right != "<x>" else good.replace("<id>", "<id> ", 1)
        assert not RNG.validate(etree.fromstring(broken.encode())), wrong
    feed = json.loads(render("json"))
    feed["items"][0]["date_published"] = "yesterday"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(JSON_FEED).validate(feed)
