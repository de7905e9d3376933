"""The chats against scripted servers: published once, whatever happens to the answers; every request as its network
describes it (where the descriptions are there: see tests/support/contract.py)."""
import copy
import os
import sys
import time
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from chat_servers import Discord, DiscordServer, Matrix, MatrixServer, Slack, SlackServer, Telegram, TelegramServer  # noqa: E402
from contract import Contract, needs_contract  # noqa: E402
from driver_walk import TOOL, Lost, Walk, png  # noqa: E402
from films import film  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
SLOT = int(time.time() * 1000)


def walk(network, options, secrets, *texts, **content):
    files = content.pop("files", {})
    parts = [text if isinstance(text, dict) else {"text": text} for text in texts]
    return Walk(network, options, secrets, {"parts": parts, "visibility": "public"} | content, SLOT, files=files)


def hook(server, *texts, options=None, secrets=None, **content):
    address = f"{server.url}/api/webhooks/7/{Discord.HOOK}"
    return walk("discord", {"url": f"{server.url}/api/v10"} | (options or {}), {"webhook": address} | (secrets or {}), *texts,
                **content)


def bot(server, *texts, options=None, **content):
    return walk("discord", {"url": f"{server.url}/api/v10", "channel": "20"} | (options or {}), {"token": Discord.BOT}, *texts,
                **content)


def telegram(server, *texts, options=None, **content):
    return walk("telegram", {"url": server.url, "chat": "@chalet"} | (options or {}), {"token": Telegram.TOKEN}, *texts,
                **content)


def slack(server, *texts, options=None, **content):
    return walk("slack", {"url": f"{server.url}/api", "channel": "C1"} | (options or {}), {"token": Slack.TOKEN}, *texts,
                **content)


def slack_hook(server, *texts, secret=Slack.HOOK, **content):
    return walk("slack", {}, {"webhook": f"{server.url}/services/T1/B1/{secret}"}, *texts, **content)


def pictures(*alts):
    files = {f"{i}.png": png(4, 3, i) for i in range(len(alts))}
    return [Walk.media(name, data, 4, 3, alt) for (name, data), alt in zip(files.items(), alts)], files


@pytest.fixture
def discord():
    with DiscordServer() as server:
        yield server


@pytest.fixture
def chat():
    with TelegramServer() as server:
        yield server


@pytest.mark.parametrize("name", ["discord", "matrix", "slack", "telegram"])
def test_the_descriptions_judge(name):
    """So that a run without them is seen to have skipped something."""
    if not Contract.find(name):
        pytest.skip(needs_contract(name).kwargs["reason"])


# ---- Matrix ----

@pytest.mark.parametrize("what, made", [("act-and-drop", True), ("half", True), ("receive-and-drop", False)])
@pytest.mark.parametrize("same_device", [True, False])
def test_matrix_a_lost_answer_is_settled_by_the_transaction_or_by_looking(what, made, same_device):
    with MatrixServer() as home:
        home.script({"path": "/send/", "do": what, "skip": 1})
        with walk("matrix", {"url": home.url, "room": "#news:m.example"}, {"token": Matrix.TOKEN}, "same", "same") as w:
            with pytest.raises(Lost):
                w.run()
            if same_device:
                assert w.run()["kind"] == "done"
            else:
                home.mind.devices[Matrix.TOKEN] = "ANOTHER"
                for i in range(120):  # newer ones, more than a page
                    home.mind.transactions[i] = home.mind.messages.append(home.mind.messages[0] | {
                        "content": {"body": "newer"}, "event_id": f"$newer{i}", "key": ("ANOTHER", str(i))})
                w.later(61)
                outcome = w.run("find")
                assert outcome["kind"] == ("done" if made else "not-found"), outcome
                assert made or w.run()["kind"] == "done"
        assert [m["content"]["body"] for m in home.mind.messages].count("same") == 2


# ---- Slack ----

@pytest.fixture
def team():
    with SlackServer() as server:
        yield server


def test_slack_text_images_and_thread(team):
    media, files = pictures("le chalet", "la vue")
    with slack(team, {"text": "a < b & <!channel>", "media": media}, "two", link="https://example.org/?a&b", files=files) as w:
        assert w.run()["kind"] == "wait"  # an image is processed
        while (outcome := w.run())["kind"] == "wait":
            w.later(3)
        assert (outcome["kind"], outcome["url"]) == ("done", "https://chalet.slack.com/archives/C1/p1796112000000001")
    one, two = team.mind.messages
    assert one["text"] == "a &lt; b &amp; &lt;!channel&gt;\n\nhttps://example.org/?a&amp;b"
    assert [b.get("alt_text") for b in one["blocks"]] == [None, "le chalet", "la vue"]
    assert two["thread_ts"] == one["ts"] and "blocks" not in two


@pytest.mark.parametrize("what, made", [("act-and-drop", True), ("half", True), ("receive-and-drop", False)])
@pytest.mark.parametrize("part", [0, 1])
def test_slack_a_lost_answer_is_settled_by_looking(team, what, made, part):
    team.script({"path": "/chat.postMessage$", "do": what, "skip": part})
    with slack(team, "same", "same") as w:
        with pytest.raises(Lost):
            w.run()
        for i in range(120):  # newer ones, more than a page
            team.mind.chat_postMessage({"text": f"newer {i}"})
        assert made or w.run("find")["kind"] == "retry"  # it may still come
        w.later(61)
        outcome = w.run("find")
        assert outcome["kind"] == ("done" if made and part == 1 else "not-found"), outcome
        if outcome["kind"] == "not-found":
            assert w.run()["kind"] == "done"
    assert [m["text"] for m in team.mind.messages].count("same") == 2


def films(*alts):
    files = {f"{i}.mp4": film(size=1000 + i) for i in range(len(alts))}
    return [Walk.media(name, data, 1280, 720, alt, "video/mp4", length=10000, codec="avc1")
            for (name, data), alt in zip(files.items(), alts)], files


def until_done(w):
    while (outcome := w.run())["kind"] == "wait":
        w.later(150)
    return outcome


def test_slack_shows_videos_in_a_message_of_its_own_making(team):
    media, files = films("le col")
    more, pictures_of = pictures("la vue")
    with slack(team, {"text": "a < b", "media": [*media, *more, media[0]]}, "two", link="https://example.org", files=files | pictures_of) as w:
        outcome = until_done(w)
    assert (outcome["kind"], outcome["url"]) == ("done", "https://chalet.slack.com/archives/C1/p1796112000000001"), outcome
    assert w.names == ["who we are", *["announce a file"] * 2, *["upload a file"] * 2, "share 1/2", *["which message"] * 2, "publish 2/2"]
    one, two = team.mind.messages
    assert (one["text"], one["files"]) == ("a &lt; b\n\nhttps://example.org", ["F1", "F2"])
    assert two["thread_ts"] == one["ts"] and [file["alt"] for file in team.mind.files.values()] == ["le col", "la vue"]


@pytest.mark.parametrize("what, made", [("act-and-drop", True), ("half", True), ("receive-and-drop", False)])
def test_slack_a_lost_answer_about_a_video_is_settled_by_its_file(team, what, made):
    team.script({"path": "/files.completeUploadExternal$", "do": what})
    media, files = films("le col")
    with slack(team, {"text": "same", "media": media}, files=files) as w:
        with pytest.raises(Lost):
            w.run()
        assert w.run("find")["kind"] == "retry"  # it may still come, or be told
        w.later(61)
        outcome = w.run("find")
        assert outcome["kind"] == ("done" if made else "not-found"), outcome
        assert made or until_done(w)["kind"] == "done"
    assert [m["files"] for m in team.mind.messages] == [["F1"]]


def test_slack_a_video_whose_message_is_never_told_is_published_without_an_address(team):
    team.mind.telling = None
    media, files = films("le col")
    with slack(team, {"text": "le film", "media": media}, files=files) as w:
        outcome = until_done(w)
        assert (outcome["kind"], outcome.get("url"), w.names.count("which message")) == ("done", None, 12), outcome
        assert "does not tell which message it is" in outcome["message"]
    with slack(team, {"text": "le film", "media": media}, "two", files=files) as w:
        outcome = until_done(w)
        assert outcome["kind"] == "refused" and "the first part is there" in outcome["message"], outcome
        team.mind.telling = 0
        assert w.run()["kind"] == "done"  # a person tried again
    assert [m["text"] for m in team.mind.messages] == ["le film"] * 2 + ["two"]


def test_slack_a_token_that_may_not_look_publishes_a_video_all_the_same(team):
    team.script({"path": "/files.info", "do": "answer", "status": 200,
                 "value": {"ok": False, "error": "missing_scope", "needed": "files:read"}})
    media, files = films("le col")
    with slack(team, {"text": "le film", "media": media}, files=files) as w:
        outcome = w.run()
        assert (outcome["kind"], outcome.get("url"), outcome["scope"]) == ("done", None, "post"), outcome


def test_slack_what_it_forgot_is_uploaded_anew_unless_a_try_before_may_have_shown_it(team):
    media, files = films("le col")
    with slack(team, {"text": "le film", "media": media}, files=files) as w:
        while w.ask("next")["step"]["name"] != "share 1/1":
            w.step()
        team.mind.files["F1"]["state"] = "forgotten"
        assert w.run()["kind"] == "retry" and until_done(w)["kind"] == "done"
    assert [m["files"] for m in team.mind.messages] == [["F2"]]
    team.script({"path": "/files.completeUploadExternal$", "do": "receive-and-drop"})
    with slack(team, {"text": "le film", "media": media}, files=files) as w:
        with pytest.raises(Lost):
            w.run()
        team.mind.files["F3"]["state"] = "forgotten"
        w.later(61)
        assert w.run("find")["kind"] == "not-found"
        assert w.run()["kind"] == "unsure"
    assert len(team.mind.messages) == 1


def again(w, op, **changes):
    """Steps of an edit (the first part's changes) or a deletion until it is over: how; or None, all went well."""
    w.names.clear()
    before = w.asked["published"] = w.asked["content"]
    w.asked["content"] = copy.deepcopy(before)
    w.asked["content"]["parts"][0].update(changes)
    why = None
    while not why and (step := w.ask(op)["step"])["kind"] != "done":
        why = w.step(op).get("message")
    why = why or step.get("name")
    w.asked["content"] = before if why else w.asked["content"]
    return why


@pytest.mark.parametrize("told", [True, False])
def test_slack_edits_and_deletes_a_message_with_a_video_when_it_knows_which_it_is(team, told):
    team.mind.telling = 1 if told else None
    media, files = films("le col", "la descente")
    with slack(team, {"text": "le flim", "media": media}, files=files) as w:
        assert until_done(w)["kind"] == "done"
        if not told:
            assert "does not tell which message" in again(w, "edit", text="le film") and w.names == ["which message"]
            assert "delete it in Slack" in again(w, "remove") and len(team.mind.messages) == 1
            team.mind.telling = 0
        asked = [] if told else ["which message"]
        assert again(w, "edit", text="le film") is None and w.names == [*asked, "edit"]
        assert team.mind.messages[0]["text"] == "le film"
        w.asked["memo"].pop("edit")
        assert "alt texts" in again(w, "edit", media=[media[0] | {"alt": "autre"}, media[1]])
        assert again(w, "remove") is None and w.names == [*asked, *["delete"] * 3]
    assert team.mind.messages == [] and [file["state"] for file in team.mind.files.values()] == ["deleted"] * 2


def test_slack_a_file_that_stays_when_its_message_is_gone_is_said(team):
    media, files = films("le col")
    with slack(team, {"text": "le film", "media": media}, files=files) as w:
        assert until_done(w)["kind"] == "done"
        team.script({"path": "/files.delete", "do": "answer", "status": 200, "value": {"ok": False, "error": "cant_delete_file"}},
                    {"path": "/files.delete", "do": "act-and-drop"})
        assert "cant_delete_file" in again(w, "remove") and team.mind.messages == []
        with pytest.raises(Lost):
            again(w, "remove")
        assert again(w, "remove") is None and w.names == ["delete"]  # it is gone already


def test_slack_markup_is_the_authors_and_pings_nobody_unless_the_account_says_so(team):
    for options, sent in (({"markup": True}, "<https://a.example|ici> &lt;!channel>"),
                          ({"markup": True, "mention_all": True}, "<https://a.example|ici> <!channel>")):
        with slack(team, "<https://a.example|ici> <!channel>", options=options) as w:
            assert w.run()["kind"] == "done"
        assert team.mind.messages[-1]["text"] == sent


def test_slack_by_webhook(team):
    with slack_hook(team, "a & b") as w:
        assert w.run("verify")["message"] == "the webhook is there" and not team.mind.messages
        outcome = w.run()
        assert (outcome["kind"], outcome.get("url")) == ("done", None)
    assert [m["text"] for m in team.mind.messages] == ["a &amp; b"]
    with slack_hook(team, "x", secret="gone") as w:
        outcome = w.run()
        assert outcome["reconnect"] and "make a new one" in outcome["message"]


def test_slack_who_we_are(team):
    with slack(team, "x") as w:
        assert w.run("verify")["message"] == "@cald of Chalet in #annonces"
    with slack(team, "x", options={"channel": "C2"}) as w:
        outcome = w.run("verify")
        assert (outcome["scope"], outcome["kind"]) == ("account", "refused") and "no such channel" in outcome["message"]


# ---- Discord ----

def test_discord_by_webhook_with_everything(discord):
    media, files = pictures("le chalet", "")
    with hook(discord, {"text": "@everyone Il neige", "media": media}, link="https://example.org/a_b", files=files) as w:
        outcome = w.run()
        assert outcome["kind"] == "done", outcome
        assert w.names == ["who we are", "publish 1/1"] and w.step() is None
    made = discord.mind.messages[0]
    assert outcome["url"] == f"https://discord.com/channels/10/20/{made['id']}"
    assert made["content"] == "@everyone Il neige\n\nhttps://example.org/a_b"
    assert made["pings"] == [] and [a["description"] for a in made["attachments"]] == ["le chalet", None]


def test_discord_a_forum_gets_a_thread(discord):
    with hook(discord, "Un titre\nun texte", "la suite", options={"forum": True}) as w:
        assert w.run()["kind"] == "done"
    one, two = discord.mind.messages
    assert one["thread_name"] == "Un titre" and two["thread_name"] is None
    assert one["channel_id"] == two["channel_id"] != "20"


def test_discord_a_bots_thread_is_a_chain_of_replies(discord):
    with bot(discord, "one", "two", options={"mentions": ["users"]}) as w:
        assert w.run()["kind"] == "done"
        assert w.names == ["who we are", "channel", "publish 1/2", "publish 2/2"]
    one, two = discord.mind.messages
    assert two["reference"]["message_id"] == one["id"] and one["pings"] == ["users"]


@pytest.mark.parametrize("what, made", [("act-and-drop", True), ("half", True), ("receive-and-drop", False)])
def test_discord_a_lost_answer_of_a_bot_is_settled_by_the_nonce_or_by_looking(discord, what, made):
    for way in ("next", "find"):
        discord.mind.messages.clear()
        discord.mind.nonces.clear()
        discord.script({"method": "POST", "path": "/messages$", "do": what})
        with bot(discord, "  once ") as w:
            with pytest.raises(Lost):
                w.run()
            if way == "find":
                assert made or w.run("find")["kind"] == "retry"  # it may still come
                w.later(61)
                assert w.run("find")["kind"] == ("done" if made else "not-found")
                if made:
                    continue
            assert w.run()["kind"] == "done"
        assert len(discord.mind.messages) == 1


def test_discord_a_bot_looks_for_what_a_webhook_posted(discord):
    discord.script({"method": "POST", "path": "/webhooks/", "do": "act-and-drop"})
    with hook(discord, "once", secrets={"token": Discord.BOT}) as w:
        with pytest.raises(Lost):
            w.run()
        for i in range(150):  # newer ones, more than a page
            discord.mind.add({"content": f"newer {i}", "allowed_mentions": {"parse": []}}, {}, "5", "20")
        assert w.run("find")["kind"] == "done"
        discord.mind.messages[0]["content"] = ""
    with hook(discord, "twice", secrets={"token": Discord.BOT}) as w:
        w.asked |= {"first_sent": SLOT, "lost": True}
        outcome = w.run("find")
        assert outcome["kind"] == "unsure" and "message content intent" in outcome["message"]


def test_discord_who_we_are(discord):
    with bot(discord, "x") as w:
        assert w.run("verify")["message"] == "chalet in #annonces"
    with hook(discord, "x") as w:
        assert w.run("verify")["message"] == "webhook Nouvelles"
    with walk("discord", {}, {"webhook": f"{discord.url}/api/webhooks/7/gone"}, "x") as w:
        outcome = w.run("verify")
        assert outcome["reconnect"] and "make a new one" in outcome["message"]


# ---- Telegram ----

def test_telegram_text_photo_and_album(chat):
    one, files = pictures("un")
    with telegram(chat, "Il neige", {"text": "une photo", "media": one}, link="https://example.org/", files=files) as w:
        outcome = w.run()
        assert (outcome["kind"], outcome["url"]) == ("done", "https://t.me/chalet/1")
        assert w.names == ["who we are", "chat", "publish 1/2", "publish 2/2"]
    three, files = pictures("un", "deux & <3>", "")
    with telegram(chat, {"text": "<b>trois</b>", "media": three}, options={"format": "html", "alt_in_caption": True},
                  files=files) as w:
        assert w.run()["id"] == "3"
    texts = [m["text"] for m in chat.mind.messages]
    assert texts == ["Il neige\n\nhttps://example.org/", "une photo", "<b>trois</b>\n\nun\n\ndeux &amp; &lt;3&gt;", "", ""]
    assert chat.mind.messages[1]["reply"] == '{"message_id":1}'


@pytest.mark.parametrize("what", ["act-and-drop", "half", "receive-and-drop"])
def test_telegram_a_lost_answer_is_a_persons(chat, what):
    chat.script({"path": "/sendMessage$", "do": what})
    with telegram(chat, "once") as w:
        with pytest.raises(Lost):
            w.run()
    assert len(chat.mind.messages) == (what != "receive-and-drop")


def test_telegram_a_group_that_moved_gets_its_post(chat):
    chat.script({"path": "/sendMessage$", "do": "answer", "status": 400, "value": {
        "ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1001234567890}}})
    with telegram(chat, "once") as w:
        outcome = w.run()
        assert outcome["kind"] == "retry" and "-1001234567890" in outcome["message"]
        assert w.run()["kind"] == "done"
    assert len(chat.mind.messages) == 1


def test_telegram_who_we_are(chat):
    with telegram(chat, "x") as w:
        assert w.run("verify")["message"] == "@chalet_bot in Chalet"
    chat.mind.may_post = False
    with telegram(chat, "x") as w:
        assert "make it an administrator" in w.run("verify")["message"]
    with telegram(chat, "x", options={"chat": "@nowhere"}) as w:
        outcome = w.run()
        assert (outcome["kind"], outcome["scope"]) == ("refused", "account") and "no such chat" in outcome["message"]
