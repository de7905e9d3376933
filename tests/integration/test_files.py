"""Pages of a static site, written by a running cald: each once, whoever ends it when; nothing of others is touched."""
import os
import sys
import time
import tomllib
from pathlib import Path

import pytest
import yaml

TESTS = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests"
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "fault")]
from daemon import Daemon  # noqa: E402
from pictures import png  # noqa: E402
from trace import settle, was_injected  # noqa: E402

CALENDAR = "version: 1\ntimezone: Europe/Paris\n"
ODD = 'Où ? "Ici": \'#1\' [x] {{y}} \u2028 \\n \U0001f3d4 - no'


def site(daemon, options=""):
    directory = daemon.directory / "site"
    directory.mkdir(exist_ok=True)
    daemon.config.write_text(daemon.config.read_text().replace("accounts:\n", "accounts:\n"
                             + f"  site: {{network: files, directory: site{options}}}\n"))
    return directory


@pytest.fixture
def daemon():
    with_site = Daemon(accounts="", calendar=CALENDAR)
    yield with_site
    with_site.__exit__(None, None, None)


def files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


def add(daemon, **post):
    answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "at": "now", **post})
    assert answer.status == 201, answer


def front_matter(path, fence="---", load=yaml.safe_load):
    before, head, text = path.read_text().split(f"{fence}\n", 2)
    assert not before
    return load(head), text


def test_hugo_and_jekyll_read_what_was_written(daemon):
    directory = site(daemon, ', path: "_posts/{{slug}}.md", images: assets/img, image_url: /assets/img, '
                             'permalink: "https://e.org/{{slug}}/", front_matter: {layout: post}')
    site_toml = daemon.directory / "toml"
    site_toml.mkdir()
    daemon.config.write_text(daemon.config.read_text() + "  toml: {network: files, directory: toml, format: toml}\n")
    daemon.write("a.png", png(4, 3, 1))
    daemon.start()
    add(daemon, id="a", to=["site", "toml"], title=ODD, slug="ici", body="# Ici\n\n![Le chalet](a.png)\n\n---\n\nfin",
        media=[{"file": "a.png", "alt": "Le chalet"}], tags=["no", "1"], link="https://example.org/x")
    delivery = daemon.wait_state("a", "site", "published")
    assert delivery["url"] == "https://e.org/ici/"
    assert daemon.wait_state("a", "toml", "published")["url"] is None
    page, image = files(directory)
    assert page == "_posts/ici.md" and (directory / image).read_bytes() == png(4, 3, 1)
    head, text = front_matter(directory / page)
    assert (head["title"], head["tags"], head["layout"]) == (ODD, ["no", "1"], "post")
    assert head["date"].isoformat() == delivery["local"] and head["images"] == [f"/{image}"]
    assert text == f"\n# Ici\n\n![Le chalet](/{image})\n\n---\n\nfin\n\nhttps://example.org/x\n"
    toml = [name for name in files(site_toml) if name.endswith(".md")]
    assert toml == [f"{delivery['local'][:10]}-ici.md"]
    head, _ = front_matter(site_toml / toml[0], "+++", tomllib.loads)
    assert (head["title"], head["tags"], head["date"].isoformat()) == (ODD, ["no", "1"], delivery["local"])


def edited(daemon, post):
    end = time.monotonic() + 60
    while not daemon.delivery(post, "site")["edited"] or daemon.delivery(post, "site")["editing"]:
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)
    return daemon.delivery(post, "site")


def test_a_page_is_changed_unless_somebody_else_did(daemon):
    directory = site(daemon)
    daemon.write("a.png", png(4, 3, 1))
    daemon.start()
    add(daemon, id="a", title="Teh house", body="![Le chalet](a.png)\n\nteh end", media=[{"file": "a.png", "alt": "Le chalet"}])
    daemon.wait_state("a", "site", "published")
    before = files(directory)
    page = directory / next(name for name in before if name.endswith(".md"))
    written = page.read_text()
    assert daemon.api("PATCH", "/v1/posts/a?published=true", {"title": "The house", "body": "![Le chalet](a.png)\n\nthe end"}).status == 200
    edited(daemon, "a")
    assert files(directory) == before
    assert page.read_text() == written.replace("Teh house", "The house").replace("teh end", "the end")
    page.write_text(page.read_text() + "and my own words\n")
    assert daemon.api("PATCH", "/v1/posts/a?published=true", {"title": "His house"}).status == 200
    end = time.monotonic() + 60
    while daemon.delivery("a", "site")["editing"]:
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)
    delivery = daemon.delivery("a", "site")
    assert "not as cald wrote it" in delivery["message"] and delivery["content"]["title"] == "The house"
    assert page.read_text().endswith("and my own words\n") and "The house" in page.read_text()


def test_a_place_that_is_taken_or_forbidden_is_told_and_left(daemon):
    directory = site(daemon, ', path: "{{slug}}.md"')
    (directory / "a.md").write_text("by hand")
    daemon.start()
    assert "can write in" in daemon.calctl("accounts", "--check").stdout
    add(daemon, id="a", text="Bonjour")
    message = daemon.wait_state("a", "site", "refused")["message"]
    assert "'a.md' is in '" in message and "another slug" in message, message
    assert (directory / "a.md").read_text() == "by hand" and files(directory) == ["a.md"]
    (directory / "a.md").unlink()
    assert daemon.calctl("retry", "a").returncode == 0
    daemon.wait_state("a", "site", "published")
    directory.rename(daemon.directory / "away")
    add(daemon, id="b", text="Bonsoir")
    assert "is not there: make it" in daemon.wait_state("b", "site", "waiting")["message"]
    (daemon.directory / "away").rename(directory)
    daemon.wait_state("b", "site", "published")  # it was looked at again
    assert files(directory) == ["a.md", "b.md"]


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EINVAL"])
def test_whatever_happens_when_its_name_is_taken_there_is_one_page(daemon, fault):
    """EINVAL: the file system cannot do it in this way."""
    directory, trace = site(daemon), daemon.directory / "trace"
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # which needs what the tracer has
    daemon.start(wrapper=["strace", "-D", "-f", "-qqq", "-e", "trace=renameat2", "-e", f"inject=renameat2:{fault}",
                          "-e", "signal=none", "-P", str(directory), "-o", str(trace)])
    add(daemon, id="a", text="Bonjour")
    if fault == "signal=KILL":
        assert daemon.process.wait(30) == -9
        hidden, = files(directory)
        assert hidden.startswith(".cald-")
        daemon.start()
    daemon.wait_state("a", "site", "published", patience=60)
    settle(trace)
    assert was_injected(trace) or fault == "signal=KILL"
    page, = files(directory)
    assert front_matter(directory / page)[1] == "\nBonjour\n"
