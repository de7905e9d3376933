"""The scripted Mastodon does what Mastodon does, and its unpleasant sides when told to: else other tests prove nothing."""
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from mastodon_server import MastodonServer, length_of  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60


@pytest.fixture
def server():
    with MastodonServer() as one:
        yield one


def call(server, method, path, body=None, token="test-token", key=None, kind="application/json"):
    """(status, answer, headers); a connection that is closed raises."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"] = kind
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    if key:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(server.url + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            data, status, got = answer.read(), answer.status, answer.headers
    except urllib.error.HTTPError as error:
        data, status, got = error.read(), error.code, error.headers
    try:
        return status, json.loads(data), got
    except ValueError:
        return status, data.decode(), got


def post(server, text, key=None, **more):
    return call(server, "POST", "/api/v1/statuses", {"status": text} | more, key=key)


def upload(server, data=PNG, description=None):
    boundary = "x-boundary"
    parts = [f'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'.encode() + data]
    if description:
        parts.append(f'Content-Disposition: form-data; name="description"\r\n\r\n{description}'.encode())
    body = b"".join(b"--x-boundary\r\n" + part + b"\r\n" for part in parts) + b"--x-boundary--\r\n"
    return call(server, "POST", "/api/v2/media", body, kind=f"multipart/form-data; boundary={boundary}")


def test_a_status_is_made_read_listed_and_deleted(server):
    status, made, headers = post(server, "hello #Winter\n\nhttps://example.org/a/path/longer/than/thirty/characters", language="fr")
    assert status == 200
    assert made["url"] == f"{server.url}/@alice/{made['id']}"
    assert made["content"].startswith("<p>hello <a ") and '<span class="invisible">https://</span>' in made["content"]
    plain = re.sub("<[^>]*>", "", made["content"])
    assert plain == "hello #Winterhttps://example.org/a/path/longer/than/thirty/characters"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["created_at"])
    reset = headers["X-RateLimit-Reset"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", reset) and headers["X-RateLimit-Remaining"] == "299"
    assert call(server, "GET", f"/api/v1/statuses/{made['id']}/source")[1]["text"].startswith("hello #Winter\n\n")
    assert [s["id"] for s in call(server, "GET", "/api/v1/accounts/1/statuses")[1]] == [made["id"]]
    assert call(server, "DELETE", f"/api/v1/statuses/{made['id']}")[0] == 200
    assert call(server, "GET", f"/api/v1/statuses/{made['id']}")[0] == 404
    assert server.statuses()[0]["deleted"] and server.statuses()[0]["language"] == "fr"


def test_the_list_is_newest_first_and_paged(server):
    ids = [post(server, f"number {i}")[1]["id"] for i in range(5)]
    first = [s["id"] for s in call(server, "GET", "/api/v1/accounts/1/statuses?limit=2")[1]]
    assert first == [ids[4], ids[3]]
    rest = [s["id"] for s in call(server, "GET", f"/api/v1/accounts/1/statuses?limit=40&max_id={first[-1]}")[1]]
    assert rest == [ids[2], ids[1], ids[0]]


def test_the_same_key_gives_the_same_status_for_an_hour(server):
    first = post(server, "once", key="k")[1]
    assert post(server, "once", key="k")[:2] == (200, first)
    assert len(server.statuses()) == 1
    server.configure({"clock": 3599})
    assert post(server, "once", key="k")[1]["id"] == first["id"]
    server.configure({"clock": 3601})
    assert post(server, "once", key="k")[1]["id"] != first["id"]
    assert len(server.statuses()) == 2


def test_the_key_of_a_deleted_status_gives_404(server):
    made = post(server, "once", key="k")[1]
    call(server, "DELETE", f"/api/v1/statuses/{made['id']}")
    assert post(server, "once", key="k")[0] == 404


def test_a_key_is_stored_only_after_the_status(server):
    server.configure({"create_delay": 0.3})
    threads = [threading.Thread(target=post, args=(server, "twice", "k")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.statuses()) == 2
    assert post(server, "twice", "k")[0] == 200
    assert len(server.statuses()) == 2


def test_pixelfed_refuses_a_key_that_it_has_seen():
    with MastodonServer(flavour="pixelfed") as server:
        media = upload(server)[1]["id"]
        assert post(server, "no picture", key="a")[0] == 403
        assert post(server, "no picture", key="a")[:2] == (400, {"error": "Duplicate idempotency key."})
        assert post(server, "picture", key="b", media_ids=[media])[0] == 200
        assert post(server, "picture", key="b", media_ids=[media])[0] == 400
        assert len(server.statuses()) == 1
        assert "Pixelfed" in call(server, "GET", "/api/v2/instance", token=None)[1]["version"]


def test_gotosocial_ignores_keys():
    with MastodonServer(flavour="gotosocial") as server:
        assert post(server, "twice", key="k")[1]["id"] != post(server, "twice", key="k")[1]["id"]
        assert "gotosocial" in call(server, "GET", "/api/v2/instance", token=None)[1]["source_url"]


@pytest.mark.parametrize("text, more, status, reason", [
    ("x" * 500, {}, 200, "500 characters"),
    ("x" * 501, {}, 422, "one too many"),
    ("x" * 476 + " https://example.org/" + "y" * 300, {}, 200, "a link counts 23"),
    ("x" * 477 + " https://example.org/" + "y" * 300, {}, 422, "one too many with a link"),
    ("x" * 495 + " @bob@a.very.long.example", {}, 200, "a mention counts without its domain"),
    ("x" * 496 + " @bob@a.very.long.example", {}, 422, "one too many with a mention"),
    ("x" * 497, {"spoiler_text": "abc"}, 200, "the warning fits"),
    ("x" * 498, {"spoiler_text": "abc"}, 422, "the warning counts"),
    ("e\u0301" * 500, {}, 200, "combining marks do not count"),
    ("", {}, 422, "empty"),
    (" \n ", {}, 422, "blank"),
    ("x", {"visibility": "secret"}, 422, "no such visibility"),
    ("x", {"in_reply_to_id": "12345"}, 404, "no such parent"),
    ("x", {"media_ids": ["12345"]}, 422, "no such media"),
])
def test_a_status_is_validated(server, text, more, status, reason):
    assert post(server, text, **more)[0] == status, reason


def test_lengths_are_mastodons():
    assert length_of("https://example.org/" + "y" * 300) == 23
    assert length_of("hi @bob@example.org!") == len("hi @bob!")
    assert length_of("👩‍👩‍👧") == 1


def test_replies_name_their_parent(server):
    parent = post(server, "one")[1]["id"]
    assert post(server, "two", in_reply_to_id=parent)[1]["in_reply_to_id"] == parent


def test_media_are_processed_before_they_can_be_attached():
    with MastodonServer(processing=30) as server:
        status, media, _ = upload(server, description="a chalet")
        assert (status, media["url"], media["description"]) == (202, None, "a chalet")
        assert call(server, "GET", f"/api/v1/media/{media['id']}")[0] == 206
        status, answer, _ = post(server, "x", media_ids=[media["id"]])
        assert status == 422 and "not finished processing" in answer["error"]
        server.configure({"clock": 31})
        status, media, _ = call(server, "GET", f"/api/v1/media/{media['id']}")
        assert status == 200 and media["url"]
        assert post(server, "x", media_ids=[media["id"]])[1]["media_attachments"][0]["id"] == media["id"]
        assert post(server, "x", media_ids=[media["id"]])[0] == 422  # attached already
        server.configure({"processing_fails": True})
        assert call(server, "GET", f"/api/v1/media/{media['id']}")[0] == 422


def test_media_must_be_images(server):
    assert upload(server, b"MZ no image")[0] == 422
    assert upload(server, description="x" * 1501)[0] == 422
    assert call(server, "POST", "/api/v2/media", b"", kind="multipart/form-data; boundary=x")[0] == 422
    assert call(server, "GET", "/api/v1/media/1")[0] == 404


def test_tokens_and_scopes_are_checked(server):
    assert call(server, "GET", "/api/v1/accounts/verify_credentials", token="wrong")[0] == 401
    assert call(server, "GET", "/api/v1/accounts/verify_credentials", token=None)[0] == 401
    assert call(server, "GET", "/api/v1/accounts/verify_credentials")[1]["acct"] == "alice"
    server.configure({"scopes": "write:statuses"})
    assert call(server, "GET", "/api/v1/accounts/verify_credentials")[0] == 403
    assert post(server, "x")[0] == 200


def test_too_many_requests_are_refused_until_the_reset(server):
    server.configure({"limit": 2})
    assert post(server, "1")[2]["X-RateLimit-Remaining"] == "1"
    assert post(server, "2")[2]["X-RateLimit-Remaining"] == "0"
    status, _, headers = post(server, "3")
    assert status == 429
    reset = datetime.strptime(headers["X-RateLimit-Reset"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    assert timedelta(0) < reset - datetime.now(timezone.utc) <= timedelta(seconds=300)
    server.configure({"clock": 301})
    assert post(server, "4")[0] == 200
    assert len(server.statuses()) == 3


def test_the_older_address_of_the_instance(server):
    assert call(server, "GET", "/api/v1/instance", token=None)[1]["uri"] == server.url.split("//")[1]
    assert call(server, "GET", "/api/v2/instance", token=None)[0] == 200
    server.configure({"no_v2": True})
    assert call(server, "GET", "/api/v2/instance", token=None)[0] == 404


@pytest.mark.parametrize("what, received, made", [
    ("drop", 0, 0), ("receive-and-drop", 1, 0), ("act-and-drop", 1, 1), ("half", 1, 1)])
def test_it_drops_when_told_to(server, what, received, made):
    server.script({"method": "POST", "path": "^/api/v1/statuses$", "do": what})
    with pytest.raises(Exception):
        status, answer, _ = post(server, "x", key="k")
        assert not isinstance(answer, dict)  # http.client gives what came of a half answer
        raise ConnectionError(status)
    assert len(server.log()) == received and len(server.statuses()) == made
    assert post(server, "x", key="k")[0] == 200  # told for once
    assert len(server.statuses()) == 1


def test_it_answers_what_it_is_told(server):
    server.script([{"path": "/statuses", "do": "answer", "status": 503, "body": "<html>", "times": 2, "skip": 1},
                   {"path": "/statuses", "do": "rate-limit", "reset": 7}])
    assert post(server, "skipped by the first, limited by the second")[0] == 429
    assert [post(server, "x")[0] for _ in range(3)] == [503, 503, 200]
    server.script({"path": "verify", "do": "answer", "status": 200, "body": {"id": 1}, "headers": {"X-A": "b"}, "times": -1})
    for _ in range(3):
        status, answer, headers = call(server, "GET", "/api/v1/accounts/verify_credentials")
        assert (status, answer, headers["X-A"]) == (200, {"id": 1}, "b")
    server.script([])
    assert call(server, "GET", "/api/v1/accounts/verify_credentials")[1]["acct"] == "alice"


def test_it_delays_before_and_after_acting(server):
    server.script({"path": "/statuses", "delay_answer": 0.5})
    thread = threading.Thread(target=post, args=(server, "slow"))
    thread.start()
    for _ in range(100):
        if server.statuses():
            break
        thread.join(0.01)
    assert server.statuses() and thread.is_alive()
    thread.join()


def test_it_is_steered_over_http_as_well(tmp_path):
    log = tmp_path / "log"
    process = subprocess.Popen([sys.executable, "-B", SUPPORT / "mastodon_server.py", "--port", "0", "--log", log],
                               stdout=subprocess.PIPE, text=True)
    try:
        class server:  # noqa: N801
            url = process.stdout.readline().strip()
        assert call(server, "POST", "/_script", {"path": "statuses", "do": "answer", "status": 500})[0] == 200
        assert post(server, "first", key="k")[0] == 500
        assert post(server, "first", key="k")[0] == 200
        assert call(server, "POST", "/_config", {"max_characters": 10})[0] == 200
        assert post(server, "much too long")[0] == 422
        assert [s["text"] for s in call(server, "GET", "/_statuses")[1]] == ["first"]
        requests = call(server, "GET", "/_log")[1]
        assert [r["key"] for r in requests] == ["k", "k", None]
        assert json.loads(requests[0]["body"]) == {"status": "first"}
        assert requests[0]["headers"]["authorization"] == "Bearer test-token"
        assert [json.loads(line)["sha256"] for line in log.read_text().splitlines()] == [r["sha256"] for r in requests]
        assert call(server, "POST", "/_script", {"do": "nonsense"})[0] == 400
        assert call(server, "POST", "/_config", {"nonsense": 1})[0] == 400
    finally:
        process.terminate()
        process.wait()
