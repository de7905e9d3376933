"""A small WordPress: wp/v2 with posts, media, categories and tags, as far as cald asks.

Real: drafts keep the slug that they are given, published posts get one of their own (-2 when it is taken, from the
title when there is none); a look-up shows drafts only to who may edit; a file's name makes its slug; a term that is
there is refused with its id.
"""
import base64
import re

from scripted import Refused, ScriptedServer

USER, PASSWORD = "cal", "abcd efgh ijkl mnop"
CREDENTIALS = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ROLE = {"edit_posts": True, "publish_posts": True, "upload_files": True}
OPEN = ("title", "content", "excerpt", "status", "slug", "featured_media", "categories", "tags", "comment_status")


def refuse(status, code, **data):
    raise Refused(status, {"code": code, "message": code, "data": {"status": status, **data}})


def slug_of(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class WordPress:
    def __init__(self):
        self.url, self.last_id, self.uploads = None, 0, 0
        self.posts, self.media, self.terms = {}, {}, {"categories": {}, "tags": {}}
        self.published = []  # ids, in the order in which they appeared

    def new_id(self):
        self.last_id += 1
        return self.last_id

    # ---- posts ----

    def show(self, post):
        shown = {key: post[key] for key in ("id", "slug", "status", "featured_media")}
        return shown | {"link": f"{self.url}/{post['slug']}/"}

    def free_slug(self, wish, id):
        taken = {post["slug"] for post in self.posts.values() if post["status"] == "publish" and post["id"] != id}
        slugs = [wish] + [f"{wish}-{n}" for n in range(2, len(taken) + 3)]
        return next(slug for slug in slugs if slug not in taken)

    def change(self, post, fields):
        if fields.get("featured_media") not in {None, 0, *self.media}:
            fields["featured_media"] = 0
        before = post["status"]
        post.update({key: value for key, value in fields.items() if key in OPEN})
        if post["status"] == "publish":
            post["slug"] = self.free_slug(post["slug"] or slug_of(post["title"]), post["id"])
            if before != "publish":
                self.published.append(post["id"])
        return self.show(post)

    def list_posts(self, request):
        status = request.query.get("status", "publish")
        allowed = {"publish", "draft"} if status == "any" else {status}
        return 200, [self.show(post) for post in self.posts.values()
                     if post["status"] in allowed and post["slug"] == request.query["slug"]]

    def make_post(self, request):
        post = {"id": self.new_id(), "status": "draft", "slug": "", "title": "", "featured_media": 0}
        self.posts[post["id"]] = post
        return 201, self.change(post, request.fields())

    def get_post(self, request, id):
        return 200, self.show(self.posts[int(id)]) if int(id) in self.posts else refuse(404, "rest_post_invalid_id")

    def edit_post(self, request, id):
        if int(id) not in self.posts:
            refuse(404, "rest_post_invalid_id")
        return 200, self.change(self.posts[int(id)], request.fields())

    def delete_post(self, request, id):
        self.get_post(request, id)
        return 200, {"deleted": True, "previous": self.show(self.posts.pop(int(id)))}

    # ---- media ----

    def list_media(self, request):
        return 200, [item for item in self.media.values() if item["slug"] == request.query["slug"]]

    def upload(self, request):
        self.uploads += 1
        name = re.fullmatch('attachment; filename="([^"]+)"', request.headers["content-disposition"])[1]
        item = {"id": self.new_id(), "slug": slug_of(name.rsplit(".", 1)[0]), "source_url": f"{self.url}/files/{name}"}
        self.media[item["id"]] = item
        return 201, item

    def get_media(self, request, id):
        return 200, self.media[int(id)] | {"post": None} if int(id) in self.media else refuse(404, "rest_post_invalid_id")

    def delete_media(self, request, id):
        self.get_media(request, id)
        return 200, {"deleted": True, "previous": self.media.pop(int(id))}

    def describe(self, request, id):
        self.media[int(id)].update(alt_text=request.fields()["alt_text"])
        return 200, self.media[int(id)]

    # ---- terms ----

    def list_terms(self, request, kind):
        return 200, [{"id": id, "name": name} for name, id in self.terms[kind].items()
                     if slug_of(name) == request.query["slug"]]

    def make_term(self, request, kind):
        name = request.fields()["name"]
        if name in self.terms[kind]:
            refuse(400, "term_exists", term_id=self.terms[kind][name])
        self.terms[kind][name] = self.new_id()
        return 201, {"id": self.terms[kind][name], "name": name}

    # ---- the rest ----

    def index(self, request):
        return 200, {"name": "Test", "namespaces": ["oembed/1.0", "wp/v2"]}

    def me(self, request):
        return 200, {"id": 1, "name": "Cal", "slug": "cal", "capabilities": ROLE}

    def answer(self, request):
        if request.path != "/wp-json/" and request.headers.get("authorization") != CREDENTIALS:
            refuse(401, "rest_not_logged_in")
        for method, pattern, call in ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return call(self, request, *match.groups())
        refuse(404, "rest_no_route")


ROUTES = [
    ("GET", "/wp-json/", WordPress.index),
    ("GET", "/wp-json/wp/v2/users/me", WordPress.me),
    ("GET", "/wp-json/wp/v2/posts", WordPress.list_posts),
    ("POST", "/wp-json/wp/v2/posts", WordPress.make_post),
    ("GET", "/wp-json/wp/v2/posts/([0-9]+)", WordPress.get_post),
    ("POST", "/wp-json/wp/v2/posts/([0-9]+)", WordPress.edit_post),
    ("DELETE", "/wp-json/wp/v2/posts/([0-9]+)", WordPress.delete_post),
    ("GET", "/wp-json/wp/v2/media", WordPress.list_media),
    ("POST", "/wp-json/wp/v2/media", WordPress.upload),
    ("GET", "/wp-json/wp/v2/media/([0-9]+)", WordPress.get_media),
    ("POST", "/wp-json/wp/v2/media/([0-9]+)", WordPress.describe),
    ("DELETE", "/wp-json/wp/v2/media/([0-9]+)", WordPress.delete_media),
    ("GET", "/wp-json/wp/v2/(categories|tags)", WordPress.list_terms),
    ("POST", "/wp-json/wp/v2/(categories|tags)", WordPress.make_term),
]


class WordPressServer(ScriptedServer):
    def __init__(self, log_file):
        super().__init__(WordPress(), log_file)
