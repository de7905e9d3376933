"""Images made to fit the network, without what they say of place and camera: real ones, by the real program."""
import base64
import hashlib
import io
import json
import os
import random
import shutil
import sys
import urllib.request
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from pictures import png  # noqa: E402

TOOL = "/usr/bin/vipsthumbnail"
BYTES, PIXELS = 60000, 250000
ACCOUNTS = """  toot: {{network: mastodon, url: "{url}", token: {{file: token}}, spacing: 0s}}
  open: {{network: mastodon, url: "{url}", token: {{file: token}}, keep_metadata: true, spacing: 0s}}
  canal: {{network: telegram, chat: "@chalet", token: {{file: token}}}}
  page: {{network: facebook, page: "1", token: {{file: token}}}}
  site: {{network: feed}}
"""
CALENDAR = """version: 1
timezone: UTC
posts:
  - {id: wide, at: 2035-01-01 09:00, to: [canal], text: "x", media: [{file: wide.png, alt: "Une crête"}]}
  - {id: webp, at: 2035-01-01 09:00, to: [page], text: "x", media: [{file: a.webp, alt: "Une crête"}]}
  - {id: logo, at: 2035-01-01 10:00, to: [page], text: "x", media: [{file: logo.webp, alt: "Un logo"}]}
"""
GPS, ORIENTATION = 0x8825, 0x0112

pytestmark = pytest.mark.skipif(not shutil.which(TOOL), reason="vipsthumbnail (libvips-tools) is not there")


def photo(width, height, kind="JPEG", orientation=1):
    """What a camera gives: noise, so that it is many bytes, a place, and turned."""
    chance = random.Random(width)
    image = Image.frombytes("L", (width, height), chance.randbytes(width * height)).convert("RGB")
    image.paste((200, 30, 30), (0, 0, width, height // 3))  # what was up
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[GPS] = {1: "N", 2: (45.0, 1.0, 2.0)}
    out = io.BytesIO()
    image.save(out, kind, exif=exif, quality=92)
    return out.getvalue()


def logo():
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (10, 20, 200, 100)).save(out, "WEBP", lossless=True)
    return out.getvalue()


def place_of(data):
    return dict(Image.open(io.BytesIO(data)).getexif().get_ifd(GPS))


def settled(data):
    """Nothing of what a camera writes is left."""
    image = Image.open(io.BytesIO(data))
    assert not image.getexif() and b"Exif" not in data and "icc_profile" not in image.info
    return image.convert("RGB")


def torn():
    """From its beginning to its end, with something else between; and a text, which has to go."""
    out = io.BytesIO()
    text = PngInfo()
    text.add_text("Comment", "Le col")
    Image.effect_noise((160, 120), 60).save(out, "PNG", pnginfo=text)
    data = out.getvalue()
    return data[:9000] + bytes(2000) + data[11000:]


@pytest.fixture(scope="module")
def world():
    with MastodonServer(image_bytes=BYTES, image_pixels=PIXELS, image_types=["image/jpeg", "image/png"]) as server:
        daemon = Daemon(accounts=ACCOUNTS.format(url=server.url), calendar=CALENDAR, charter="version: 1\n")
        daemon.write("token", server.token, 0o600)
        daemon.write("gps.jpg", photo(800, 600, orientation=6))
        daemon.write("small.jpg", photo(160, 120))
        daemon.write("a.webp", photo(300, 200, "WEBP"))
        daemon.write("logo.webp", logo())
        daemon.write("bare.png", png(40, 30, 100))
        daemon.write("torn.png", torn())
        daemon.write("wide.png", png(9000, 2000, 7))
        with daemon:
            daemon.api("POST", "/v1/accounts/toot/check")
            yield daemon, server


def add(daemon, post, account, file, *more):
    done = daemon.calctl("add", "--to", account, "--id", post, "--media", str(daemon.directory / file), "--alt", "Le col",
                         *more, post)
    assert done.returncode == 0, done.stderr + done.stdout
    return done


def uploads(server):
    """(bytes, description) of each image that was sent to the server."""
    all_of_them = []
    for request in server.log():
        if request["method"] != "POST" or "/media" not in request["path"]:
            continue
        body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
        form = BytesParser(policy=HTTP).parsebytes(
            f"Content-Type: {request['headers']['content-type']}\r\n\r\n".encode() + body)
        parts = {p.get_param("name", header="content-disposition"): p.get_payload(decode=True) for p in form.iter_parts()}
        all_of_them.append((parts["file"], parts.get("description", b"").decode()))
    return all_of_them


def steps(daemon, post, account):
    """Those that made an image."""
    tried = daemon.api("GET", f"/v1/deliveries/{post}/{account}/history").json["attempts"]
    return [step for step in tried if step["step"] == "fit an image"]


def publish(world, post, account, file, *more):
    daemon, server = world
    before = len(uploads(server))
    add(daemon, post, account, file, *more)
    daemon.wait_state(post, account, "published", patience=60)
    return uploads(server)[before:]


def test_a_large_photo_is_scaled_turned_upright_and_says_nothing_of_its_place(world):
    daemon, _ = world
    (data, alt), = publish(world, "large", "toot", "gps.jpg")
    image = settled(data)
    assert len(data) <= BYTES and image.width * image.height <= PIXELS and alt == "Le col"
    assert image.height * 3 == pytest.approx(image.width * 4, abs=4)  # turned, and nothing cut off
    red, _, blue = image.getpixel((image.width - 5, image.height // 2))  # what was up is on the right now
    assert red > 150 > blue
    fit = steps(daemon, "large", "toot")
    hashed = hashlib.sha256(data).hexdigest()
    assert len(fit) == 1 and hashed in fit[0]["message"] and "800 x 600" in fit[0]["message"]
    assert (daemon.state / "media" / f"{hashed}.jpg").read_bytes() == data


def test_it_is_made_once(world):
    daemon, _ = world
    kept = sorted(os.listdir(daemon.state / "media"))
    (data, _), = publish(world, "again", "toot", "gps.jpg")
    fit, = steps(daemon, "again", "toot")
    assert "made before" in fit["message"] and sorted(os.listdir(daemon.state / "media")) == kept


def test_of_what_fits_only_the_metadata_goes(world):
    (data, alt), = publish(world, "small", "toot", "small.jpg")
    assert settled(data).size == (160, 120) and alt == "Le col" and place_of(photo(160, 120))


def test_an_account_may_keep_the_metadata(world):
    (data, _), = publish(world, "open", "open", "small.jpg")
    assert data == photo(160, 120)


def test_what_holds_nothing_but_the_picture_goes_as_it_is(world):
    daemon, _ = world
    (data, _), = publish(world, "bare", "toot", "bare.png")
    assert data == png(40, 30, 100) and not steps(daemon, "bare", "toot")


def test_a_type_that_the_server_does_not_take_becomes_one_that_it_takes(world):
    (data, alt), = publish(world, "type", "toot", "a.webp")
    assert Image.open(io.BytesIO(data)).format == "JPEG" and settled(data).size == (300, 200) and alt == "Le col"


def test_the_feed_shows_what_was_made(world):
    daemon, _ = world
    add(daemon, "shown", "site", "small.jpg")
    daemon.wait_state("shown", "site", "published", patience=60)
    base = f"http://127.0.0.1:{daemon.port}"
    item, = [i for i in json.load(urllib.request.urlopen(f"{base}/feed/site/feed.json", timeout=20))["items"]]
    data = urllib.request.urlopen(item["attachments"][0]["url"], timeout=20).read()
    assert settled(data).size == (160, 120)


def test_a_damaged_image_is_refused_with_its_reason_and_hurts_nobody(world):
    daemon, _ = world
    add(daemon, "torn", "toot", "torn.png")
    told = daemon.wait_state("torn", "toot", "refused", patience=60)["message"]
    assert "cannot be made to fit" in told and "keep_metadata" in told
    publish(world, "after", "toot", "bare.png")


def test_what_will_be_done_is_told_instead_of_an_error(world):
    daemon, _ = world
    done = daemon.calctl("--json", "preview", "wide")
    image = json.loads(done.stdout)["items"][0]["parts"][0]["media"][0]
    assert done.returncode == 0 and image["becomes"] == "scaled to 8181 x 1818"
    assert "will be scaled to 8181 x 1818" in daemon.calctl("preview", "wide").stdout
    assert "will be re-encoded as image/jpeg" in daemon.calctl("preview", "webp").stdout
    done = daemon.calctl("check")
    told = done.stdout + done.stderr
    assert done.returncode == 0 and "wide.png" not in told and "a.webp" not in told, "cald does it, and nobody sees it"
    assert "'logo.webp' is image/webp, which facebook does not take: it will be re-encoded as image/jpeg; in a JPEG what is" in told


def test_calctl_says_the_name_of_the_file_that_was_given(world, tmp_path):
    daemon, _ = world
    (tmp_path / "logo.webp").write_bytes(logo())
    words = ["--id", "named", "--at", "2035-02-01 09:00", "--media", str(tmp_path / "logo.webp"), "x"]
    done = daemon.calctl("add", "--to", "page", *words)
    assert done.returncode == 0 and f"'{tmp_path}/logo.webp' is image/webp" in done.stderr and "upload:" not in done.stderr, done
    dry = daemon.calctl("edit", "named", "--dry-run", "--media", str(tmp_path / "logo.webp"), "--alt", "A logo.")
    assert dry.returncode == 0 and f"image    {tmp_path}/logo.webp" in dry.stdout and "upload:" not in dry.stderr, dry
    as_it_came = daemon.calctl("--json", "add", "--dry-run", "--to", "page", *words[2:])
    assert "upload:" in as_it_came.stdout


def test_without_the_program_it_is_told_once_and_what_fits_is_sent_as_it_is():
    with MastodonServer() as server:
        calendar = "version: 1\ntimezone: UTC\nposts: []\n"
        daemon = Daemon(accounts=ACCOUNTS.format(url=server.url), calendar=calendar, charter="version: 1\n",
                        settings="image_tool: /nonexistent/vipsthumbnail\n")
        daemon.write("token", server.token, 0o600)
        daemon.write("small.jpg", photo(160, 120))
        daemon.write("wide.png", png(9000, 2000, 7))
        with daemon:
            (data, _), = publish((daemon, server), "small", "toot", "small.jpg")
            assert data == photo(160, 120)
            done = daemon.calctl("add", "--to", "canal", "--media", str(daemon.directory / "wide.png"), "--alt", "x", "x")
            assert done.returncode and "telegram allows 10000" in done.stderr and "install libvips-tools" in done.stderr
            daemon.calctl("reload")
            assert daemon.log().count("is not there: images are sent as they are") == 1
            assert daemon.log().count("such as where it was taken") == 1
