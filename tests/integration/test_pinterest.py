"""Pinterest as a user has it: cald against a small server, each request held against Pinterest's own description."""
import base64
import hashlib
import os
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from contract import parts_of  # noqa: E402
from house import House, Mind  # noqa: E402
from pictures import png  # noqa: E402
from scripted import Refused  # noqa: E402

TOKEN, CLIENT_SECRET = "pina_secret0token", "c11ent0secret"
POLICY, SIGNATURE = "cG9saWN5LW9mLXRoZS1zdG9yZQ==", "51gnature0of0the0store"
BOARDS = [{"id": "111", "name": "Hiver"}, {"id": "222", "name": "Été au chalet"}]


class Pinterest(Mind):
    """Boards and pins. The same pin twice is two pins."""

    missing = {"code": 40, "message": "Board not found."}
    elsewhere = {"/store"}  # Amazon's

    def __init__(self):
        self.pins, self.logins, self.media = [], 0, {}

    def token(self, request):
        """Old refresh tokens are worth nothing."""
        assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")) == b"1490000:" + CLIENT_SECRET.encode()
        fields = dict(urllib.parse.parse_qsl(request.body.decode()))
        if fields["grant_type"] == "refresh_token" and fields["refresh_token"] != f"refresh{self.logins}":
            raise Refused(401, {"code": 283, "message": "Your access or refresh token has expired"})
        self.logins += 1
        return 200, {"access_token": TOKEN, "token_type": "bearer", "expires_in": 2_592_000 if self.logins > 1 else 2,
                     "refresh_token": f"refresh{self.logins}", "refresh_token_expires_in": 5_184_000,
                     "scope": "boards:read boards:write pins:read pins:write user_accounts:read"}

    def admit(self, request):
        if request.path.endswith("/oauth/token"):
            return
        if request.path == "/store":
            assert "authorization" not in request.headers
            return
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, {"code": 2, "message": "Authentication failed."})

    def account(self, request):
        return 200, {"username": "chalet", "account_type": "BUSINESS"}

    def boards(self, request):
        at = int(request.query.get("bookmark", "p0")[1:])
        return 200, {"items": BOARDS[at:at + 1], "bookmark": f"p{at + 1}" if at + 1 < len(BOARDS) else None}

    def register(self, request):
        id = str(5000 + len(self.media))
        self.media[id] = {"bytes": None, "polls": 1}
        return 201, {"media_id": id, "media_type": "video", "upload_url": f"{self.url}/store?X-Amz-Signature={SIGNATURE}",
                     "upload_parameters": {"x-amz-date": "20261123T000000Z", "key": f"uploads/{id}", "policy": POLICY}}

    def store(self, request):
        """The file is the last of the form."""
        fields = parts_of(request)
        assert list(fields) == ["x-amz-date", "key", "policy", "file"] and fields["policy"] == POLICY
        self.media[fields["key"].split("/")[1]]["bytes"] = fields["file"]
        return 204, ""

    def processing(self, request, id):
        media = self.media[id]
        media["polls"] -= 1
        assert media["bytes"]
        return 200, {"media_id": id, "media_type": "video", "status": "processing" if media["polls"] >= 0 else "succeeded"}

    def publish(self, request):
        pin = request.fields()
        if pin["media_source"]["source_type"] == "video_id":
            assert self.media[pin["media_source"]["media_id"]]["polls"] < 0
        if pin["board_id"] not in {board["id"] for board in BOARDS}:
            raise Refused(404, self.missing)
        self.pins.append(pin | {"id": str(900 + len(self.pins)), "created_at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())})
        return 201, {key: value for key, value in self.pins[-1].items() if key != "media_source"}

    def list(self, request, board):
        return 200, {"items": [{key: value for key, value in pin.items() if key != "media_source"}
                               for pin in reversed(self.pins) if pin["board_id"] == board], "bookmark": None}

    ROUTES = {("GET", "/v5/user_account"): account, ("GET", "/v5/boards"): boards, ("POST", "/v5/pins"): publish,
              ("GET", r"/v5/boards/(\d+)/pins"): list, ("POST", "/v5/oauth/token"): token, ("POST", "/v5/media"): register,
              ("POST", "/store"): store, ("GET", r"/v5/media/(\d+)"): processing}


ACCOUNTS = {"pins": "network: pinterest, token: {file: token}, board: Hiver, boards: {ete: Été au chalet}",
            "lost": "network: pinterest, token: {file: token}, board: '333'"}


@pytest.fixture
def house():
    with House(Pinterest(), ACCOUNTS, {"token": TOKEN}, "/v5", "pinterest") as one:
        yield one


def bytes_of(image):
    return base64.b64decode(image["data"], validate=True)


def test_a_pin_and_a_carousel_go_to_their_boards_with_their_images_in_the_request(house):
    house.add("un", ["pins"], images=1, text="Le chalet #neige", title="Ouverture", link="https://example.org/hiver")
    delivery = house.daemon.wait_state("un", "pins", "published")
    assert delivery["url"] == "https://www.pinterest.com/pin/900/"
    house.add("trois", ["pins"], images=3, text="Trois", categories=["ete"])
    house.daemon.wait_state("trois", "pins", "published")
    one, three = house.mind.pins
    assert (one["board_id"], one["title"], one["description"], one["link"], one["alt_text"]) == \
        ("111", "Ouverture", "Le chalet #neige", "https://example.org/hiver", "image 0")
    assert one["media_source"]["source_type"] == "image_base64" and bytes_of(one["media_source"]) == png(40, 30, 0)
    assert three["board_id"] == "222" and three["alt_text"] == "image 0\nimage 1\nimage 2"
    assert [bytes_of(item) for item in three["media_source"]["items"]] == [png(40, 30, i) for i in range(3)]
    assert house.preview("un") | {"entities": None} == house.preview("un") | {"entities": None, "text": "Le chalet #neige",
                                                                             "length": 16, "limit": 800}
    house.say_if_unjudged()


def test_a_pin_that_was_made_and_not_answered_is_found_on_its_board_and_never_made_twice(house):
    house.server.script({"method": "POST", "path": "/pins$", "do": "act-and-drop"},
                        {"method": "POST", "path": "/pins$", "do": "half"})
    house.add("a", ["pins"], images=1, text="Un", title="Un")
    house.add("b", ["pins"], images=1, text="Deux", categories=["ete"])
    for id in ("a", "b"):
        assert house.daemon.wait_state(id, "pins", "published")["url"]
    assert len(house.mind.pins) == len(house.sent("POST", "/v5/pins")) == 2


def test_a_video_is_sent_to_the_store_processed_and_pinned_once_with_its_cover(house):
    house.server.script({"method": "POST", "path": "/store$", "do": "drop"}, {"method": "POST", "path": "/pins$", "do": "act-and-drop"})
    film, data = house.film(300_000)
    house.add("film", ["pins"], media=[film, *house.media(1)], text="Le col", title="Col")
    assert house.daemon.wait_state("film", "pins", "published", 60)["url"]
    pin, = house.mind.pins
    source = pin["media_source"]
    assert [media["bytes"] for media in house.mind.media.values()] == [data] and source["media_id"] == "5000"
    assert base64.b64decode(source["cover_image_data"]) == png(40, 30, 0) and pin["alt_text"] == "le col"
    assert len(house.sent("POST", "/v5/pins")) == 1
    shown = house.daemon.calctl("preview", "film").stdout
    assert "video    " in shown and "1280 × 720" in shown, shown
    house.say_if_unjudged()


def test_what_the_store_is_signed_with_is_told_to_nobody(house):
    """It stands in the memo as long as the video is not sent."""
    house.server.script({"method": "POST", "path": "/store", "do": "drop", "times": -1})
    film, _ = house.film(100_000)
    house.add("film", ["pins"], media=[film], text="Le col")
    end = time.monotonic() + 60
    while not [a for a in house.daemon.api("GET", "/v1/deliveries/film/pins/history").json["attempts"]
               if a["step"] == "send video" and a["ended"]]:
        assert time.monotonic() < end, house.daemon.log()
        time.sleep(0.05)
    paths = ("deliveries", "deliveries/film/pins", "deliveries/film/pins/history", "deliveries/film/pins/explain", "posts/film",
             "posts/film/preview", "status", "accounts", "history", "audit", "alerts", "plan")
    told = [house.daemon.api("GET", f"/v1/{path}") for path in paths]
    assert {answer.status for answer in told} == {200} and "send video" in told[2].body.decode()
    words = (["show", "film"], ["--json", "show", "film"], ["history", "film"], ["explain", "film"])
    told = [answer.body.decode() for answer in told] + [house.daemon.calctl(*each).stdout for each in words] + [house.daemon.log()]
    for text in told:
        assert text and POLICY not in text and SIGNATURE not in text and "x-amz" not in text.lower(), text


def test_what_is_no_pin_or_has_no_board_is_said(house):
    answer = house.daemon.api("POST", "/v1/posts", {"id": "x", "to": ["pins"], "text": "Rien que du texte"})
    assert answer.status == 422 and "a pin is an image or a video" in str(answer.json)
    house.add("perdu", ["lost"], images=1, text="Perdu")
    message = house.daemon.wait_state("perdu", "lost", "waiting")["message"]
    assert "correct 'board'" in message and "Board not found" in message
    assert house.daemon.api("POST", "/v1/accounts/pins/check").json["identity"] == "chalet, board Hiver"
    text = house.daemon.config.read_text()
    house.daemon.write("cald.yaml", text.replace("Été au chalet", "Printemps"))
    assert house.daemon.api("POST", "/v1/reload").status == 200
    checked = house.daemon.api("POST", "/v1/accounts/pins/check").json
    assert not checked["ok"] and "there is no board 'Printemps'" in checked["message"], checked


def test_images_may_be_fetched_by_pinterest_from_an_address():
    hashed = hashlib.sha256(png(40, 30, 0)).hexdigest()
    accounts = {"pins": "network: pinterest, token: {file: token}, board: '111', images: url"}
    with House(Pinterest(), accounts, {"token": TOKEN}, "/v5", "pinterest",
               "media_urls: {url: 'https://media.example.org', listen: '127.0.0.1:0'}\n") as house:
        house.server.script({"method": "POST", "path": "/pins$", "do": "answer", "status": 400,
                             "value": {"code": 1, "message": "Unable to reach the URL."}})
        house.add("un", ["pins"], images=1, text="Un")
        assert "could not fetch the image" in house.daemon.wait_state("un", "pins", "waiting")["message"]
        house.daemon.api("POST", "/v1/posts/un/now", {})
        house.daemon.wait_state("un", "pins", "published", 60)
        source = house.mind.pins[0]["media_source"]
        assert source["source_type"] == "image_url" and source["url"].startswith("https://media.example.org/") and hashed in source["url"]


def test_who_logs_in_publishes_and_the_login_is_renewed():
    accounts = {"pins": "network: pinterest, client_id: '1490000', client_secret: {file: secret}, board: Été au chalet"}
    with House(Pinterest(), accounts, {"secret": CLIENT_SECRET}, "/v5", "pinterest") as house:
        asked, said = house.login("pins", "c0de")
        assert asked["scope"].split(",")[:2] == ["boards:read", "boards:write"] and "chalet" in said
        time.sleep(2)  # so long is the first token good
        house.add("un", ["pins"], images=1, text="Un")
        assert house.daemon.wait_state("un", "pins", "published")["url"]
        assert house.mind.logins == 2 and house.mind.pins[0]["board_id"] == "222"
        assert TOKEN not in house.daemon.log() and "refresh1" not in house.daemon.log()
