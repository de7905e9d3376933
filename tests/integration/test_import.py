"""calctl import: the CSV of other schedulers becomes calendar YAML that is judged as any other, or nothing at all."""
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, Daemon  # noqa: E402
from pictures import png  # noqa: E402

ACCOUNTS = """\
  site: {network: feed, title: Site}
  blog: {network: feed, title: Blog}
  masto: {network: mastodon, url: "http://127.0.0.1:9", token: {file: token}}
  bsky: {network: bluesky, handle: a.example.org, app_password: {file: token}}
"""
HEAD = "version: 1\ntimezone: Europe/Paris\n"
SLOTS = """\
slots:
  morning: {days: [mon, tue, wed, thu, fri, sat, sun], at: "09:00", to: [masto, bsky]}
  evening: {days: [mon, tue, wed, thu, fri, sat, sun], at: "18:00", to: [masto]}
"""


class Brand:
    """Documents in a directory, without a daemon."""

    def __init__(self, path, calendar=HEAD + SLOTS, listed="[calendar.yaml, calendar.d/]", charter=None):
        keywords = {"charter": charter} if charter else {}
        self.daemon = Daemon(directory=path, accounts=ACCOUNTS, calendar=calendar, **keywords)
        self.path = path
        self.write("cald.yaml", (path / "cald.yaml").read_text().replace("calendar: calendar.yaml", f"calendar: {listed}"))
        (path / "token").write_text("t")
        (path / "token").chmod(0o600)
        (path / "calendar.d").mkdir(exist_ok=True)
        (path / "images").mkdir(exist_ok=True)
        for i, name in enumerate(("a.png", "b.png", "c d.png")):
            (path / "images" / name).write_bytes(png(8, 8, i))

    def write(self, name, text):
        (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, *options, text=None, name="posts.csv"):
        if text is not None:
            self.write(name, text)
        return subprocess.run([CALCTL, "import", name, *options], cwd=self.path, capture_output=True, text=True, timeout=120)

    def yaml(self, *options, text=None):
        done = self.run("--output", "-", *options, text=text)
        assert done.returncode == 0, done
        return {post.pop("id"): post for post in yaml.safe_load(done.stdout)["posts"]}, done.stderr

    def posts(self, *options, text=None):
        """Posts without their ids, in the order of the file."""
        found, told = self.yaml(*options, text=text)
        return list(found.values()), told

    def files(self):
        return sorted(p.name for p in (self.path / "calendar.d").iterdir())


@pytest.fixture
def brand(tmp_path):
    return Brand(tmp_path)


# ---- the forms of other schedulers ----

BUFFER = ('Text,Image URL,Tags,Posting Time\r\n"Hello, ""world""",,"news, alps",2034-12-01 09:00\r\n'
          'Picture,https://cdn.example.org/x/a.png?w=9,,\r\n')
PUBLER = """\
Date - Intl. format or prompt,Text,Link(s) - Separated by comma for FB carousels,Media URL(s) - Separated by comma,"Title - \
For the video, pin, PDF ..",Label(s) - Separated by comma,Alt text(s) - Separated by ||,Comment(s) - Separated by ||,"Pin \
board, FB album, or Google category","Post subtype - I.e. story, reel, PDF ..",CTA - For Facebook links or Google,"Reminder - \
For stories, reels, shorts, and TikToks"
2034-11-19 20:35,Caption,https://example.org/a,"https://x.org/a.png, https://x.org/c%20d.png",A title,news,One || Two,First!,,,,FALSE
,Auto,,,,,,,,story,,
"""
METRICOOL = """\
Text,Date,Time,Draft,Facebook,Twitter,LinkedIn,Bluesky,Mastodon,Picture Url 1,Picture Url 2,Alt text picture 1,Alt text picture \
2,Shortener,First Comment Text
"Two
lines",2034-12-01,09:30:00,FALSE,TRUE,FALSE,FALSE,TRUE,TRUE,,,,,FALSE,
Draft,2034-12-02,10:00:00,TRUE,FALSE,FALSE,FALSE,FALSE,TRUE,https://x.org/a.png,https://x.org/b.png,A,B,FALSE,
Elsewhere,2034-12-03,10:00:00,FALSE,TRUE,FALSE,FALSE,FALSE,FALSE,,,,,FALSE,
"""
HIGHLEVEL = """\
postAtSpecificTime (YYYY-MM-DD HH:mm:ss),content,link (OGmetaURL),imageUrls,gifUrl,videoUrls
2034-12-15 08:00:00,Post,https://example.org/,,,
2034-12-16 08:00:01,Film,,,,https://x.org/v.mp4
"""
SPROUT = "date,time_24hr,message_text\n03/04/2034,17:30,Third of April\n"
VISTA = "message,type,link,time,title,comment1\nHello,article,https://example.org/,2034-12-15 5:05 pm,,\n"
HOOTSUITE = '01/12/2034 09:00,Message,https://example.org/\n"02/12/2034 09:00","Say ""hi""",\n'
AYRSHARE = "post,platforms,mediaUrls,scheduleDate\nZulu,\"bluesky, mastodon\",,2034-07-08T12:30:00Z\n"
POSTFAST = "scheduled_at,account_id,content,media_urls,first_comment\n2034-05-01T10:00:00+02:00,11-22,Offset,,\n"
FRENCH = "\ufeffDate;Heure;Texte;Réseaux;Étiquettes\r\n01/12/2034;9h30;Été : c'est fini;masto|bsky;\r\n;;Sans date;bsky;\r\n"

FORMS = [
    ("Buffer", BUFFER, ["--to", "masto", "--media-folder", "images", "--column", "Text=text"], [
        {"at": "2034-12-01 09:00", "to": ["masto"], "bucket": "news", "text": 'Hello, "world"'},
        {"slot": "?", "to": ["masto"], "text": "Picture", "media": [{"file": "images/a.png"}]}],
     ["posts.csv:2:21: warning: column 'Tags': a post has one bucket, 'news': 'alps' is left out"]),
    ("Publer", PUBLER, ["--to", "site", "--media-folder", "images", "--slot", "morning"], [
        {"at": "2034-11-19 20:35", "to": ["site"], "bucket": "news", "text": "Caption", "title": "A title",
         "link": "https://example.org/a", "media": [{"file": "images/a.png", "alt": "One"}, {"file": "images/c d.png", "alt": "Two"}]},
        {"slot": "morning", "to": ["site"], "text": "Auto"}],
     ["column 'Comment(s) - Separated by ||': cald writes no comments beneath posts: left out of 1 row",
      "column 'Post subtype - I.e. story, reel, PDF ..': there is nothing like it in a calendar: left out of 1 row"]),
    ("Metricool", METRICOOL, ["--media-folder", "images"], [
        {"at": "2034-12-01 09:30", "to": ["bsky", "masto"], "text": "Two\nlines"},
        {"at": "2034-12-02 10:00", "to": ["masto"], "draft": True, "text": "Draft",
         "media": [{"file": "images/a.png", "alt": "A"}, {"file": "images/b.png", "alt": "B"}]}],
     ["posts.csv:5: left out: none of its accounts is here",
      "column 'Facebook': there is no one account for it here: left out of 2 rows; say which one it is, --map 'Facebook=ACCOUNT'"]),
    ("Metricool, with a name for Facebook", METRICOOL, ["--media-folder", "images", "--map", "Facebook=site"], [
        {"at": "2034-12-01 09:30", "to": ["site", "bsky", "masto"], "text": "Two\nlines"},
        {"at": "2034-12-02 10:00", "to": ["masto"], "draft": True, "text": "Draft",
         "media": [{"file": "images/a.png", "alt": "A"}, {"file": "images/b.png", "alt": "B"}]},
        {"at": "2034-12-03 10:00", "to": ["site"], "text": "Elsewhere"}], []),
    ("HighLevel, SocialBee", HIGHLEVEL, ["--to", "bsky,masto"], [
        {"at": "2034-12-15 08:00", "to": ["bsky", "masto"], "text": "Post", "link": "https://example.org/"},
        {"at": "2034-12-16 08:00:01", "to": ["bsky", "masto"], "text": "Film"}],
     ["posts.csv:3:29: warning: column 'videoUrls': cald publishes images only: left out of 1 row"]),
    ("Sprout Social", SPROUT, ["--to", "masto", "--date-format", "dmy"], [
        {"at": "2034-04-03 17:30", "to": ["masto"], "text": "Third of April"}], []),
    ("Sprout Social in America", SPROUT, ["--to", "masto", "--date-format", "mdy"], [
        {"at": "2034-03-04 17:30", "to": ["masto"], "text": "Third of April"}], []),
    ("Vista Social", VISTA, ["--to", "masto", "--column", "type=-"], [
        {"at": "2034-12-15 17:05", "to": ["masto"], "text": "Hello", "link": "https://example.org/"}], []),
    ("Hootsuite", HOOTSUITE, ["--to", "masto", "--date-format", "dmy", "--columns", "date,text,link"], [
        {"at": "2034-12-01 09:00", "to": ["masto"], "text": "Message", "link": "https://example.org/"},
        {"at": "2034-12-02 09:00", "to": ["masto"], "text": 'Say "hi"'}], []),
    ("Ayrshare", AYRSHARE, [], [{"at": "2034-07-08 14:30", "to": ["bsky", "masto"], "text": "Zulu"}], []),
    ("PostFast", POSTFAST, ["--column", "account_id=account", "--map", "11-22=masto"], [
        {"at": "2034-05-01 10:00", "to": ["masto"], "text": "Offset"}], []),
    ("a French spreadsheet", FRENCH, ["--date-format", "dmy"], [
        {"at": "2034-12-01 09:30", "to": ["masto", "bsky"], "text": "Été : c'est fini"},
        {"slot": "morning", "to": ["bsky"], "text": "Sans date"}], []),
]


@pytest.mark.parametrize("text, options, want, told", [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_the_files_of_schedulers_become_posts(tmp_path, text, options, want, told):
    brand = Brand(tmp_path, charter="version: 1\nbrand: {name: Test}\n")
    posts, stderr = brand.posts(*options, text=text)
    for post, expected in zip(posts, want, strict=True):
        if expected.get("slot") == "?":
            assert post["slot"] in ("morning", "evening")
            expected = {**expected, "slot": post["slot"]}
        post["at"] = str(post["at"]) if "at" in post else None
        if post["at"] and post["at"].endswith(":00") and post["at"].count(":") == 2:
            post["at"] = post["at"][:-3]  # a YAML timestamp
        assert {k: v for k, v in post.items() if v is not None} == expected
    for words in told:
        assert words in stderr, stderr
    done = brand.run(*options, "--write")
    assert done.returncode == 0 and len(brand.files()) == 1
    checked = subprocess.run([CALCTL, "check"], cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0 and f"all well: {len(want)} post" in checked.stdout
    again = brand.run(*options, "--write")
    assert again.returncode == 0 and "there is nothing new to import" in again.stdout and len(brand.files()) == 1


# ---- mistakes ----

ROW = "text,date,account\n"
MISTAKES = [
    ("ambiguous date", ROW + "a,3/4/2034,masto\n", [], "posts.csv:2:3: column 'date': '3/4/2034' may be 3 April or 4 March: say --date-format"),
    ("no such date", ROW + "a,31/2/2034 9:00,masto\n", ["--date-format", "dmy"], "2:3: column 'date': '31/2/2034 9:00': there is no such date"),
    ("short year", ROW + "a,3/4/34 9:00,masto\n", ["--date-format", "dmy"], "write the year with four digits"),
    ("a date alone", ROW + "a,2034-01-01,masto\n", [], "2:3: column 'date': '2034-01-01' is a date without a time; write the time too"),
    ("a time alone", "text,time,account\na,09:00,masto\n", [], "2:3: column 'time': '09:00' is a time without a date"),
    ("words for a date", ROW + "a,tomorrow,masto\n", [], "'tomorrow' is no date: write 2026-12-01 09:00"),
    ("past", ROW + "a,2020-01-01 09:00,masto\n", [], "2:3: column 'date': 2020-01-01 09:00 is past; give it another time, or leave"),
    ("unknown account", ROW + "a,2034-01-01 09:00,mastto\n", [], "2:20: column 'account': unknown account 'mastto', did you mean 'masto'?; say which one it is, --map 'mastto=ACCOUNT'"),
    ("a network with two accounts", ROW + "a,2034-01-01 09:00,feed\n", [], "2:20: column 'account': there are several accounts on 'feed'; say which one it is"),
    ("no account", ROW + "a,2034-01-01 09:00,\n", [], "2:1: the row names no account; name one, or say where such rows go: --to ACCOUNT"),
    ("no account at all", "text\na\nb\n", [], "posts.csv: no column names accounts: say where the posts go; --to ACCOUNT\n1 error"),
    ("no slot for it", "text\na\n", ["--to", "site"], "2:1: the row has no time, and no slot of the calendar is for all of its accounts"),
    ("address of an image", ROW.replace("date", "image") + "a,https://x.org/a.png,masto\n", [], "2:3: column 'image': 'https://x.org/a.png' is elsewhere: cald fetches no images; save it beneath the media root"),
    ("missing image", ROW.replace("date", "image") + "a,no.png,masto\n", [], "2:3: column 'image': cannot open 'no.png'"),
    ("nothing but a missing image", ROW.replace("date", "image") + "a,no.png,masto\n", [], "cannot open 'no.png' in '.': No such file or directory\n1 error: nothing is imported\n"),
    ("image outside", ROW.replace("date", "image") + "a,../token,masto\n", [], "2:3: column 'image'"),
    ("no alternative text", ROW.replace("date", "image") + "a,images/a.png,masto\n", [], "alternative text"),
    ("text for no image", "text,image,alt,account\na,images/a.png,A || B,masto\n", [], "2:16: column 'alt': a text for image 2, which is not there"),
    ("forbidden word", ROW + "so cheap,2034-01-01 09:00,masto\n", [], "2:1: column 'text': the charter forbids 'cheap'"),
    ("too long for the network", ROW + "x" * 301 + ",2034-01-01 09:00,bsky\n", [], "posts.csv:2:1: text is 301 graphemes long, bluesky allows 300"),
    ("nothing to say", ROW + ",2034-01-01 09:00,masto\n", [], "posts.csv:2:1: nothing to publish"),
    ("a title of two lines", "title,account\n\"a\nb\",masto\n", [], "posts.csv:2:1: column 'title':"),
    ("a link that is none", "link,account\nexample.org,masto\n", [], "posts.csv:2:1: column 'link':"),
    ("neither true nor false", "text,draft,account\na,maybe,masto\n", [], "2:3: column 'draft': 'maybe' does not say whether it is a draft; write TRUE or FALSE"),
    ("neither here nor there", "text,mastodon\na,perhaps\n", [], "2:3: column 'mastodon': 'perhaps' does not say whether it goes there"),
    ("unknown state", "text,state,account\na,odd,masto\n", [], "2:3: column 'state': nothing is known of the state 'odd'"),
    ("a thread that is no JSON", "thread,account\nfirst / second,masto\n", [], "2:1: column 'thread': a thread is a list in JSON"),
    ("a thread of numbers", "thread,account\n\"[1, {}]\",masto\n", [], "posts.csv:2:1: column 'thread'"),
    ("a price", "text,cost,account\na,12.50,masto\n", [], "2:3: column 'cost': '12.50' is no cost; write a whole number"),
    ("unknown bucket", "text,bucket,account\na,nwes,masto\n", ["@buckets"], "2:3: column 'bucket': unknown bucket 'nwes', expected one of news; did you mean 'news'?"),
    ("unknown slot", "text,slot,account\na,mroning,masto\n", [], "2:3: column 'slot': unknown slot 'mroning', expected one of morning, evening; did you mean 'morning'?"),
    ("unknown campaign", "text,campaign,account\na,x,masto\n", [], "2:3: column 'campaign':"),
    ("a comma without quotes", ROW + "a, b,2034-01-01 09:00,masto\n", [], "2:23: the row has 4 cells, and there are 3 columns; a text with a separator in it must be in quotes"),
    ("twice in the file", "id,text,account\na,x,masto\na,y,masto\n", [], "3:1: column 'id': post 'a' is in line 2 already, for the same account"),
    ("another post of that id", "id,text,account\nthere,x,masto\n", ["@there"], "2:1: column 'id': 'there' is in the calendar already (calendar.yaml:"),
    ("an image in two columns", "text,image,image 1,account\na,images/a.png,images/b.png,masto\n", [], "2:16: column 'image 1': image 1 is in two columns"),
    ("two texts", "text,message,account\na,b,masto\n", [], "1:6: column 'message': columns 'text' and 'message' both give 'text'; leave one out: --column 'message=-'"),
    ("no text", "foo,bar\na,b\n", [], "1:1: no column has a text, a link or an image; name a column (--column 'NAME=text'); if the file has no header"),
    ("a title above the header", "Plan of December,,\n,,\ntext,date,account\na,2034-01-01 09:00,masto\n", [],
     "posts.csv:1:1: no column has a text, a link or an image; line 3 looks like the header: take out what is above it"),
    ("--column of none", ROW + "a,,masto\n", ["--column", "foo=text"], "posts.csv: --column: the file has no column 'foo'"),
    ("--column to nothing", ROW + "a,,masto\n", ["--column", "text=txet"], "posts.csv: --column: nothing is known of 'txet'; it is one of id, text,"),
    ("--columns to nothing", "a,b\n", ["--columns", "text,when"], "--columns: nothing is known of 'when'"),
    ("Latin-1", "text\nété\n".encode("latin-1"), ["--to", "masto"], "posts.csv:2:1: not UTF-8, it is probably Windows-1252 or Latin-1; save it as 'CSV UTF-8'"),
    ("UTF-16", "text\na\n".encode("utf-16"), ["--to", "masto"], "posts.csv:1:1: this is UTF-16"),
    ("a spreadsheet", b"PK\x03\x04 and so on", [], "posts.csv:1:1: this is a spreadsheet, not CSV"),
    ("never closed", 'text\n"a\n', [], "posts.csv:2:1: the quote that begins this cell is never closed"),
    ("empty", "", [], "posts.csv: the file is empty"),
]


@pytest.mark.parametrize("text, options, message", [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_nothing_is_written(tmp_path, text, options, message):
    more = {"@buckets": "buckets: [news]\n", "@there": "posts: [{id: there, at: 2034-01-01 09:00, to: [masto], text: y}]\n"}
    brand = Brand(tmp_path, calendar=HEAD + SLOTS + "".join(more.get(o, "") for o in options))
    done = brand.run("--write", *[o for o in options if not o.startswith("@")], text=text)
    assert done.returncode == 1 and message in done.stderr, done
    assert "nothing is imported" in done.stderr and not done.stdout and brand.files() == []


@pytest.mark.parametrize("options, code, message", [
    (["--date-format", "yyyy"], 2, "--date-format takes dmy (3/4/2026 is in April), mdy (in March) or ymd, not 'yyyy'"),
    (["--time", "25:00"], 2, "--time takes a time of day such as 09:00, not '25:00'"),
    (["--slot", "never"], 4, "--slot: the calendar has no slot 'never'"),
    (["--to", "mastto"], 4, "--to: no account 'mastto' in cald.yaml, did you mean 'masto'?"),
    (["--map", "x"], 2, "--map takes NAME=ACCOUNT, or 'NAME=' to leave it out, not 'x'"),
    (["--map", "x=nobody"], 4, "--map: no account 'nobody' in cald.yaml"),
    (["--separator", "dot"], 2, "--separator takes comma, semicolon or tab, not 'dot'"),
    (["--output", "-", "--write"], 2, "neither --json nor --write goes with it"),
    (["--output", "none/x.yaml"], 7, "none/x.yaml"),
    (["--output", "calendar.yaml"], 1, "'calendar.yaml' is there already"),
])
def test_an_option_that_says_nothing_is_refused(brand, options, code, message):
    done = brand.run(*options, text="text,account\na,masto\n")
    assert done.returncode == code and message in done.stderr, done
    assert brand.files() == []


def test_a_file_that_is_not_there_and_documents_that_are_wrong(brand):
    assert brand.run(name="none.csv").returncode == 2
    brand.write("calendar.yaml", HEAD + "posts: 7\n")
    done = brand.run(text="text\na\n")
    assert done.returncode == 1 and "'posts' must be a list" in done.stderr and "mend your documents first" in done.stderr


def test_everything_wrong_is_said_at_once(brand):
    text = ("text,date,image,account\n"
            "so cheap,3/4/2034,https://x.org/a.png,nobody\n"            # four faults in a row, but the account hides none
            "so cheap,2034-01-01 09:00,,masto\n"
            '"' + "x" * 501 + '",2034-01-02 09:00,,masto\n'
            "fine,2034-01-03 09:00,no.png,masto\n"
            "fine too,2034-01-04 09:00,,masto\n")
    done = brand.run(text=text)
    assert done.returncode == 1
    for words in ("2:10: column 'date'", "2:19: column 'image'", "2:39: column 'account'", "3:1: column 'text': the charter forbids",
                  "4:1: text is", "5:23: column 'image': cannot open", "6 errors: nothing is imported"):
        assert words in done.stderr, (words, done.stderr)
    one_row = brand.run(text="text,date,image,account\nso cheap,3/4/2034,https://x.org/a.png,masto\n").stderr
    for words in ("2:1: column 'text': the charter forbids", "2:10: column 'date'", "2:19: column 'image'", "3 errors"):
        assert words in one_row, (words, one_row)


def test_of_very_many_faults_some_are_shown_and_all_are_counted(brand):
    done = brand.run(text="text,date,account\n" + "".join(f"so cheap {i},2034-01-01 09:00,masto\n" for i in range(300)))
    assert done.returncode == 1 and "300 errors: nothing is imported" in done.stderr
    assert done.stderr.count("the charter forbids") == 200 and "… and 100 more findings" in done.stderr


# ---- what is written ----

def test_nothing_is_written_unless_asked_for_and_then_what_was_shown(brand):
    text = 'text,date,account\n"- a: b #c",2034-01-01 09:00,masto\n"Two\n\n  lines: yes\n",2034-01-02 09:00,masto\nno,,bsky\n'
    shown = brand.run(text=text)
    assert shown.returncode == 0 and brand.files() == []
    assert "3 to add" in shown.stdout and "nothing is changed yet, --write makes calendar.d/import-posts-" in shown.stdout
    done = brand.run("--write")
    (name,) = brand.files()
    assert done.returncode == 0 and f"3 posts of 3 rows: written to calendar.d/{name}\n" in done.stdout
    written = (brand.path / "calendar.d" / name).read_text()
    assert written in shown.stdout
    assert [p["text"] for p in yaml.safe_load(written)["posts"]] == ["- a: b #c", "Two\n\n  lines: yes\n", "no"]


def test_words_that_yaml_knows_stay_words(brand):
    posts, _ = brand.posts(text='text,bucket,blog_tags,account\nnull,no,"null, true",site\n12,2034-01-01,"x, y",site\n', *["--time", "9h", "--slot", "morning"])
    assert [(p["text"], p["bucket"], p["tags"]) for p in posts] == [("null", "no", ["null", "true"]), ("12", "2034-01-01", ["x", "y"])]
    changes = json.loads(brand.run("--time", "9h", "--slot", "morning", "--json").stdout)["plan"]["changes"]
    assert {c["after"]["content"]["parts"][0]["text"]: c["after"]["content"]["tags"] for c in changes} == {
        "null": ["null", "true"], "12": ["x", "y"]}


def test_a_file_elsewhere_must_be_named_by_cald_yaml(tmp_path):
    brand = Brand(tmp_path, listed="calendar.yaml")
    done = brand.run("--write", text="text,account\na,masto\n")
    (made,) = [p for p in tmp_path.glob("import-posts-*.yaml")]
    assert done.returncode == 0 and f"written to {made.name}; cald reads it when 'calendar' in cald.yaml names it" in done.stdout
    again = brand.run("--write")
    assert again.returncode == 1 and "is there already" in again.stderr
    brand.write("cald.yaml", (tmp_path / "cald.yaml").read_text().replace("calendar: calendar.yaml", f"calendar: [calendar.yaml, {made.name}]"))
    assert "there is nothing new to import" in brand.run("--write").stdout
    other = brand.run("-o", "calendar.d/mine.yaml", text="text,account\nb,masto\n")
    assert other.returncode == 0 and "calendar.d/mine.yaml; cald reads it when" in other.stdout and brand.files() == ["mine.yaml"]


def test_standard_input_and_json(brand):
    done = subprocess.run([CALCTL, "import", "-", "--to", "masto", "--json", "--write"], cwd=brand.path, capture_output=True,
                          text=True, input="text,state,foo\na,,x\nb,published,\n")
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["written"] and answer["read_by_cald"] and answer["output"].startswith("calendar.d/import-")
    assert (answer["file"], answer["rows"]) == ("standard input", 2) and [p["line"] for p in answer["posts"]] == [2]
    assert answer["left_out"] == [{"line": 3, "why": "it is published"}]
    assert [w["message"] for w in answer["warnings"]] == ["column 'foo': nothing is known of this column: left out of 1 row"]
    assert answer["plan"]["counts"]["add"] == 1 and yaml.safe_load(answer["yaml"])["posts"][0]["text"] == "a"
    wrong = subprocess.run([CALCTL, "import", "-", "--json"], cwd=brand.path, capture_output=True, text=True, input="text\na\n")
    answer = json.loads(wrong.stdout)
    assert wrong.returncode == 1 and answer["errors"][0]["remedy"] == "--to ACCOUNT" and answer["yaml"] is None


def test_a_row_is_known_again_and_only_new_ones_are_added(brand):
    text = "text,date,account\na,2034-01-01 09:00,masto\nb,,masto\n"
    assert brand.run("--write", text=text).returncode == 0
    done = brand.run("--write", text=text + "c,,masto\na,2034-01-01 09:00,masto\nc,,masto\n")
    assert done.returncode == 0 and "1 post of 5 rows" in done.stdout and len(brand.files()) == 2
    for line, why in ((2, "it is in the calendar already"), (3, "it is in the calendar already"), (5, "it says the same as line 2"),
                      (6, "it says the same as line 4")):
        assert f"posts.csv:{line}: left out: {why}" in done.stderr
    changed = brand.run(text=text.replace("a,2034", "A,2034"))
    assert "1 post of 2 rows" in changed.stdout  # another text is another post
    # however the file is written
    assert "there is nothing new" in brand.run(text=text.replace(",", ";").replace("\n", "\r\n")).stdout


def test_a_changed_row_is_told_that_the_former_one_goes_out_as_well(brand):
    text = "text,date,account\na,2034-01-01 09:00,masto\nb,2034-01-02 09:00,masto\n"
    assert brand.run("--write", text=text).returncode == 0
    done = brand.run(text=text.replace("a,2034", "a!,2034") + "c,2034-01-02 09:00,bsky\nd,2034-01-03 09:00,masto\n")
    (line,) = [line for line in done.stderr.splitlines() if "at the same time" in line]
    assert done.returncode == 0 and line.startswith("posts.csv:2:4: warning") and "'masto' gets 'a-" in line and "--replace" in line


PLAN = "calendar.d/plan.yaml"


def replaced(brand, text, *options):
    done = brand.run("--replace", PLAN, "--write", "--json", *options, text=text)
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["written"] and answer["read_by_cald"], done
    return {(c["kind"], c["id"]) for c in answer["plan"]["changes"]}


def test_who_keeps_the_plan_in_the_spreadsheet_replaces_what_was_imported(brand):
    head = "id,date,account,text\n"
    assert replaced(brand, head + "a,2034-01-01 09:00,masto,One\nb,2034-01-02 09:00,masto,Two\n") == {
        ("add", "a/masto"), ("add", "b/masto")}
    assert replaced(brand, head + "a,2034-01-01 09:00,masto,One!\nc,2034-01-03 09:00,masto,Three\n") == {
        ("change", "a/masto"), ("cancel", "b/masto"), ("add", "c/masto")}
    assert replaced(brand, head + "c,2034-01-03 10:00,masto,Three\na,2034-01-01 09:00,masto,One!\n") == {("move", "c/masto")}
    assert brand.files() == ["plan.yaml"] and "Change the posts there" in (brand.path / PLAN).read_text()
    before = (brand.path / PLAN).read_text()
    shown = brand.run("--replace", PLAN, text=head + "a,2034-01-01 09:00,masto,Shown\n")
    assert shown.returncode == 0 and "nothing is changed yet" in shown.stdout and (brand.path / PLAN).read_text() == before
    wrong = brand.run("--replace", PLAN, "--write", text=head + "a,2034-01-01 09:00,nobody,One\n")
    assert wrong.returncode == 1 and (brand.path / PLAN).read_text() == before
    empty = brand.run("--replace", PLAN, "--write", text=head)
    assert "nothing is replaced" in empty.stdout and (brand.path / PLAN).read_text() == before


def test_only_what_an_import_wrote_is_replaced(brand):
    calendar = (brand.path / "calendar.yaml").read_text()
    done = brand.run("--replace", "calendar.yaml", "--write", text="text,date,account\na,2034-01-01 09:00,masto\n")
    assert done.returncode == 1 and "was not written by 'calctl import'" in done.stderr
    assert (brand.path / "calendar.yaml").read_text() == calendar
    assert brand.run("--replace", PLAN, "--output", "other.yaml").returncode == 2


def test_a_post_elsewhere_is_not_replaced(brand):
    brand.write("calendar.d/other.yaml", "posts:\n  - {id: a, at: 2034-01-01 09:00, to: [masto], text: One}\n")
    text = "id,date,account,text\na,2034-01-01 09:00,masto,Other\n"
    done = brand.run("--replace", PLAN, "--write", text=text)
    assert done.returncode == 1 and "calendar.d/other.yaml:2" in done.stderr and brand.files() == ["other.yaml"]


def test_a_row_that_became_past_stays_and_one_without_a_time_keeps_its_slot(brand):
    """Left out, what still waits for its account would be cancelled; another slot would be another time each day."""
    assert replaced(brand, "id,date,account,text\na,2034-01-01 09:00,masto,One\nb,,masto,Two\n") == {
        ("add", "a/masto"), ("add", "b/masto")}
    written = (brand.path / PLAN).read_text()
    slot = yaml.safe_load(written)["posts"][1]["slot"]
    other = {"morning": "evening", "evening": "morning"}[slot]
    brand.write(PLAN, written.replace("2034-01-01", "2020-01-01").replace(f"slot: {slot}", f"slot: {other}"))
    rows = "id,date,account,text\na,2020-01-01 09:00,masto,One\nb,,masto,Two\nc,2020-01-01 09:00,masto,Old\n"
    assert brand.run("--replace", PLAN, "--write", text=rows).returncode == 1  # c was never there
    assert replaced(brand, rows, "--skip-past") == set()
    assert [(p["id"], p.get("slot")) for p in yaml.safe_load((brand.path / PLAN).read_text())["posts"]] == [("a", None), ("b", other)]


def test_a_calendar_that_is_only_what_was_imported_is_replaced(tmp_path):
    brand = Brand(tmp_path, listed="plan.yaml")
    (tmp_path / "plan.yaml").write_text("# Imported from plan.csv\n" + HEAD + "posts: []\n")
    done = brand.run("--replace", "plan.yaml", "--write", text="text,date,account\na,2034-01-01 09:00,masto\n")
    assert done.returncode == 0 and "written to plan.yaml\n" in done.stdout, done


def test_what_is_over_is_left_out_and_what_is_past_when_asked_for(brand):
    text = ("text,status,date,account\na,Published,2020-01-01 09:00,nobody\nb,cancelled,,masto\nc,scheduled,2020-01-01 09:00,masto\n"
            "d,Draft,2034-01-01 09:00,masto\ne,held,2034-01-02 09:00,masto\n")
    posts, told = brand.posts("--skip-past", text=text)
    assert [(p["text"], p.get("draft")) for p in posts] == [("d", True), ("e", True)]
    for words in ("2: left out: it is published", "3: left out: it is cancelled", "4: left out: its time is past"):
        assert f"posts.csv:{words}" in told


def test_states_are_known_as_french_spreadsheets_have_them(brand):
    words = {"Brouillon": True, "À valider": True, "À relire": True, "Programmé": None, "Prêt": None, "Planifié": None, "Validé": None}
    rows = "".join(f"t{i},{word},masto\n" for i, word in enumerate([*words, "Publié", "Annulé", "Supprimé"]))
    posts, told = brand.posts(text="Texte,Statut,Compte\n" + rows)
    assert [post.get("draft") for post in posts] == list(words.values()) and told.count("left out: it is ") == 3


def test_rows_of_one_post_become_one_with_variants(brand):
    text = ("id,account,date,text,title,link\n"
            "p,site,2034-01-01 09:00,Same,Title,https://example.org/\np,masto,2034-01-01 09:00,Other,,https://example.org/\n"
            "p,bsky,2034-01-01 09:00,Same,,https://example.org/\n"
            "q,site,2034-01-02 09:00,Q,,\nq,masto,2034-01-03 09:00,Q,,\nseries@2034-01-05,site,2034-01-05 09:00,S,,\n")
    posts, told = brand.yaml(text=text)
    assert posts["p"] == {"at": posts["p"]["at"], "to": ["site", "masto", "bsky"], "link": "https://example.org/", "variants": {
        "site": {"text": "Same", "title": "Title"}, "masto": {"text": "Other"}, "bsky": {"text": "Same"}}}
    assert set(posts) == {"p", "q-site", "q-masto", "series-2034-01-05"}
    assert "5:1: warning: column 'id': 'q' has another time, slot, bucket or state in another row: it becomes 'q-site'" in told
    assert "'series@2034-01-05' cannot name a post of a calendar: it is called 'series-2034-01-05'" in told
    assert brand.run("--write").returncode == 0
    assert "there is nothing new to import" in brand.run("--write").stdout


def test_a_row_without_a_time_takes_the_next_free_slot_of_its_accounts(tmp_path):
    slots = HEAD + "slots:\n" + "".join(
        f'  {name}: {{rrule: "FREQ=YEARLY;COUNT=30", from: {day}, at: "09:00", to: [{to}]}}\n' for name, day, to in
        (("first", "2034-01-01", "masto"), ("second", "2034-01-02", "masto, bsky"), ("third", "2034-01-03", "masto")))
    slots += "posts: [{id: x, slot: first, to: [masto], text: x}]\n"
    brand = Brand(tmp_path, calendar=slots)
    brand.write("cald.yaml", (tmp_path / "cald.yaml").read_text() + "horizon: 3660d\n")
    posts, _ = brand.posts(text="text,account\na,masto\nb,masto\nc,masto\nd,bsky\ne,\"masto,bsky\"\nf,masto\n")
    # 'first' has its first year for x; then one after the other, each year anew
    assert [p["slot"] for p in posts] == ["second", "third", "first", "second", "second", "third"]
    posts, _ = brand.posts("--slot", "third", text="text,account,slot\na,masto,\nb,masto,first\nc,,\n")
    assert [(p["slot"], p.get("to")) for p in posts] == [("third", ["masto"]), ("first", ["masto"]), ("third", None)]
    posts, told = brand.posts(text="text,account,slot,date\na,masto,first,2034-03-01 09:00\n")
    assert "slot" not in posts[0] and "2:15: warning: column 'date': a post with a time takes no slot: 'first' is left out" in told


def test_times_with_an_offset_and_the_hour_that_comes_twice(brand):
    posts, told = brand.posts(text="text,date,account\na,2034-07-01T10:00:00Z,masto\nb,2034-10-29T01:30:00Z,masto\n"
                                   "c,2034-10-29T00:30:00Z,masto\nd,2034-01-01,masto\n", *["--time", "08:15"])
    assert [str(p["at"])[:16] for p in posts] == ["2034-07-01 12:00", "2034-10-29 02:30", "2034-10-29 02:30", "2034-01-01 08:15"]
    assert "3:3: warning: column 'date': '2034-10-29T01:30:00Z' falls into an hour that comes twice" in told


def test_an_account_that_is_named_twice_gets_it_once(brand):
    posts, _ = brand.posts("--slot", "morning", "--map", "twitter=site", "--map", "x=site", text="text,account,twitter,x,mastodon\na,\"masto|site\",TRUE,TRUE,x\n")
    assert posts[0]["to"] == ["masto", "site"]
    posts, _ = brand.posts("--to", "site,site", "--slot", "morning", text="text\na\n")
    assert posts[0]["to"] == ["site"]


def test_labels_are_the_bucket_that_the_calendar_has(tmp_path):
    brand = Brand(tmp_path, calendar=HEAD + SLOTS + "buckets: [Nouvelles, tips]\n")
    posts, told = brand.posts(text='text,labels,account\na,"promo, nouvelles",masto\nb,promo,masto\nc,"[""tips""]",masto\n')
    assert [p.get("bucket") for p in posts] == ["Nouvelles", None, "tips"]
    assert "2:3: warning: column 'labels': a post has one bucket, 'Nouvelles': 'promo' is left out" in told
    assert "3:3: warning: column 'labels': 'promo' is no bucket of the calendar: left out; declare it under 'buckets'" in told


def test_what_was_written_is_what_cald_queues():
    made = Daemon(accounts=ACCOUNTS, calendar=HEAD + SLOTS)
    made.write("token", "t", 0o600)
    with made as daemon:
        daemon.write("cald.yaml", daemon.config.read_text().replace("calendar: calendar.yaml", "calendar: [calendar.yaml, calendar.d/]"))
        (daemon.directory / "calendar.d").mkdir()
        assert daemon.calctl("reload").returncode == 0
        daemon.write("p.csv", "text,date,account\na,2034-01-01 09:00,masto\nb,,bsky\n")
        done = subprocess.run([CALCTL, "import", "p.csv", "--write", "--json"], cwd=daemon.directory, capture_output=True, text=True)
        planned = {c["id"]: (c["after"]["slot"], c["after"]["content"]) for c in json.loads(done.stdout)["plan"]["changes"]}
        end = time.monotonic() + 30
        while len(items := daemon.api("GET", "/v1/deliveries").json["items"]) < 2:
            assert time.monotonic() < end  # it notices the file by itself
            time.sleep(0.05)
        assert {d["id"]: (d["slot"], d["content"]) for d in items} == planned


# ---- there and back ----

def test_an_export_changes_nothing_where_it_comes_from():
    head = HEAD + SLOTS + 'series: [{id: s, rrule: "FREQ=WEEKLY;COUNT=3", from: 2034-01-01, at: "10:00", to: [site], text: S}]\n'
    posts = ("posts:\n  - {id: slotted, slot: morning, text: In a slot.}\n  - {id: draft, at: 2034-01-01 09:00, to: [blog], text: D, draft: true}\n"
             "  - {id: two, at: 2034-01-01 10:00, to: [site, blog], text: A, variants: {blog: {text: B, title: T}}}\n")
    made = Daemon(accounts=ACCOUNTS, calendar=head + posts, settings="horizon: 3660d\n")
    made.write("token", "t", 0o600)
    with made as daemon:
        exported = daemon.calctl("export", "--all").stdout
        assert exported.count("\n") == 1 + 2 + 1 + 2 + 3
        daemon.write("posts.csv", exported)
        done = subprocess.run([CALCTL, "import", "posts.csv", "--json"], cwd=daemon.directory, capture_output=True, text=True)
        answer = json.loads(done.stdout)
        assert done.returncode == 0 and answer["posts"] == [] and len(answer["left_out"]) == 8, done
        assert sum("of a series that is in the calendar" in row["why"] for row in answer["left_out"]) == 3
        daemon.write("some.csv", daemon.calctl("export", "--account", "blog").stdout)  # of 'two' only one of its accounts
        some = json.loads(subprocess.run([CALCTL, "import", "some.csv", "--json"], cwd=daemon.directory, capture_output=True, text=True).stdout)
        assert some["errors"] == [] and some["posts"] == [] and len(some["left_out"]) == 2
        # elsewhere the series' occurrences are posts
        daemon.write("calendar.yaml", HEAD)
        answer = json.loads(subprocess.run([CALCTL, "import", "posts.csv", "--json"], cwd=daemon.directory, capture_output=True, text=True).stdout)
        assert {p["id"] for p in answer["posts"]} == {"slotted", "draft", "two", "s-2034-01-01", "s-2034-01-08", "s-2034-01-15"}
        assert answer["plan"]["counts"]["add"] == 8


PIECES = ["=", "+", "-", "@", "'", '"', '""', ",", ";", "\n", "\n\n", " ", "a", "word ", "é", "🏔️", "👩‍🚒", "＝", "sep=;", "||", "|",
          "[", "]", "{", "# ", ": ", "=HYPERLINK(", "no", "\u2028", "\t", "\\", "https://example.org/x?a=b", "---", "null"]


def some_text(rng, most=12, lines=True):
    """Something that a calendar takes: not empty, and on one line where it must be."""
    while True:
        text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, most)))
        if not lines:
            text = text.replace("\n", " ").strip()
        if text.strip(" \n\t\u2028"):
            return text


def some_post(rng, number):
    accounts = rng.sample(["site", "blog"], rng.randrange(1, 3))
    post = {"id": f"p{number}", "at": f"2034-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} {rng.randrange(24):02}:00",
            "to": accounts, "text": some_text(rng)}
    for member, lines in (("title", False), ("summary", True), ("body", True), ("warning", False), ("bucket", False)):
        if rng.random() < 0.3:
            post[member] = some_text(rng, 4 if member == "bucket" else 12, lines)
    if rng.random() < 0.3:
        post["tags"] = [some_text(rng, 4, lines=False).lstrip("#") or "x" for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.3:
        post["categories"] = [some_text(rng, 4, lines=False) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.4:
        post["media"] = [{"file": name, "alt": some_text(rng)} for name in rng.sample(["images/a.png", "images/c d.png", "x, y.png"], 2)]
    if rng.random() < 0.3:
        post["variants"] = {accounts[0]: {"text": some_text(rng)}}
    if rng.random() < 0.2:
        post["draft"] = True
    return post


@pytest.mark.parametrize("seed", range(4))
def test_an_export_that_is_imported_says_the_same(tmp_path, seed):
    rng = random.Random(seed)
    posts = [some_post(rng, i) for i in range(40)]
    free = "version: 1\nbrand: {name: Test}\n"
    made = Daemon(accounts=ACCOUNTS, calendar=HEAD, charter=free)
    made.write("token", "t", 0o600)
    with made as daemon:
        for i, name in ((0, "images/a.png"), (2, "images/c d.png"), (3, "x, y.png")):
            daemon.write(name, png(8, 8, i))  # as Brand has them
        daemon.write("calendar.yaml", HEAD + json.dumps({"posts": posts}, ensure_ascii=False)[1:-1].replace("\u2028", "\\u2028") + "\n")
        loaded = daemon.calctl("reload")
        assert loaded.returncode == 0, loaded
        options = rng.choice([[], ["--separator", "semicolon"], ["--separator", "tab", "--bom"]])
        exported = subprocess.run([CALCTL, "--config", daemon.config, "export", *options], capture_output=True, check=True).stdout
        want = {d["id"]: (d["slot"], d["state"], d["content"]) for d in daemon.api("GET", "/v1/deliveries?limit=1000").json["items"]}
    brand = Brand(tmp_path, calendar=HEAD, charter=free)
    brand.write("x, y.png", png(8, 8, 3))
    done = brand.run("--write", "--json", text=exported)
    assert done.returncode == 0, done
    got = {c["id"]: (c["after"]["slot"], c["after"]["state"], c["after"]["content"]) for c in json.loads(done.stdout)["plan"]["changes"]}
    assert got == want and len(want) >= 40
    assert not json.loads(done.stdout)["left_out"]
    again = json.loads(brand.run("--write", "--json").stdout)
    assert again["posts"] == [] and len(again["left_out"]) == len(want)
