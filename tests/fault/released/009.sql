BEGIN TRANSACTION;
CREATE TABLE account (
    name           TEXT    NOT NULL PRIMARY KEY,             -- '*': all of them
    paused         INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    paused_why     TEXT,
    braked_until   INTEGER NOT NULL DEFAULT 0,
    brake_why      TEXT,
    reconnect      INTEGER NOT NULL DEFAULT 0 CHECK (reconnect IN (0, 1)),
    failures       INTEGER NOT NULL DEFAULT 0,
    last_published INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "account" VALUES('*',0,NULL,0,NULL,0,0,0);
INSERT INTO "account" VALUES('strict',0,NULL,0,NULL,0,0,0);
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795457109743);
INSERT INTO "account" VALUES('no',0,NULL,0,NULL,0,0,0);
INSERT INTO "account" VALUES('doubt',0,NULL,0,NULL,0,0,0);
INSERT INTO "account" VALUES('later',0,NULL,0,NULL,0,0,0);
INSERT INTO "account" VALUES('stuck',0,NULL,0,NULL,0,0,0);
CREATE TABLE alert (
    id           INTEGER PRIMARY KEY,
    alert_key    TEXT    NOT NULL CHECK (length(alert_key) = 32),
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    account      TEXT,
    episode      TEXT,
    body         TEXT    NOT NULL,                           -- JSON
    command_told INTEGER NOT NULL DEFAULT 0 CHECK (command_told IN (0, 1)),
    webhook_told INTEGER NOT NULL DEFAULT 0 CHECK (webhook_told IN (0, 1)),
    told         INTEGER NOT NULL DEFAULT 0,                 -- when all had taken it
    tries        INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL
) STRICT;
INSERT INTO "alert" VALUES(1,'4a9af7da601fdf6ec3e50309dc84a24f',1795457109613,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T16:05:00Z","state":"missed"}',0,0,0,0,1795457109613);
INSERT INTO "alert" VALUES(2,'1dd9131709d1a35f1b5b3f45551228bb',1795457109760,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T18:05:09.760Z","state":"refused"}',0,0,0,0,1795457109760);
CREATE TABLE approval (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('submitted', 'approved', 'rejected', 'withdrawn')),
    who          TEXT    NOT NULL,
    role         TEXT,                                       -- that they had then
    content_hash TEXT    NOT NULL,                           -- of the delivery as it was then
    slot         INTEGER NOT NULL,
    why          TEXT
) STRICT;
CREATE TABLE attempt (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    number       INTEGER NOT NULL,                           -- 1, 2, … of this delivery
    started      INTEGER NOT NULL,
    ended        INTEGER NOT NULL DEFAULT 0,
    step         TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('session', 'prepare', 'create', 'local', 'done')),
    state        TEXT    NOT NULL,                           -- of the delivery while it runs
    content_hash TEXT    NOT NULL,                           -- what it tried to publish
    request      TEXT,
    status       INTEGER NOT NULL DEFAULT 0,
    outcome      TEXT CHECK (outcome IN ('done', 'next', 'wait', 'retry', 'refused', 'unsure', 'not-found')),
    scope        TEXT CHECK (scope IN ('post', 'account', 'network')),
    message      TEXT,
    timings      TEXT,
    body         BLOB,
    UNIQUE (delivery, number)
) STRICT;
INSERT INTO "attempt" VALUES(1,3,1,1795457109743,1795457109743,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795457109760,1795457109760,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795457109774,1795457109774,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795457109788,1795457109788,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795457109805,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:34583/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A223130343962353265346336626338376335663838666237343938313262336639222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335431383A30353A30392E3830355A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
CREATE TABLE crisis (
    account TEXT    NOT NULL PRIMARY KEY,                    -- '*': all of them
    since   INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    why     TEXT    NOT NULL
) STRICT;
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY,
    post_id      TEXT    NOT NULL,
    account      TEXT    NOT NULL REFERENCES account (name),
    network      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'ready', 'held', 'waiting', 'sending', 'unsure',
                                                   'published', 'refused', 'missed', 'cancelled')),
    slot         INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    delivery_key TEXT    NOT NULL CHECK (length(delivery_key) = 32),
    content_hash TEXT    NOT NULL,
    base_hash    TEXT,                                       -- the file's entry as last applied: content, …
    base_slot    INTEGER,
    base_draft   INTEGER,
    removed      INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)), -- cancelled because the file lost it
    origin       TEXT    NOT NULL CHECK (origin IN ('calendar', 'series', 'spontaneous')),
    series       TEXT,
    slot_name    TEXT,
    bucket       TEXT,
    source       TEXT,
    prepared     INTEGER NOT NULL DEFAULT 0 CHECK (prepared IN (0, 1)),
    lost         INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),
    overridden   INTEGER NOT NULL DEFAULT 0 CHECK (overridden IN (0, 1)),
    attempts     INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    first_sent   INTEGER NOT NULL DEFAULT 0,
    published    INTEGER NOT NULL DEFAULT 0,
    remote_id    TEXT,
    remote_url   TEXT,
    author       TEXT,
    version      INTEGER NOT NULL DEFAULT 1,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    message      TEXT,
    memo         TEXT    NOT NULL DEFAULT '{}',              -- JSON
    content      TEXT    NOT NULL,                           -- JSON
    folded       TEXT    NOT NULL, released INTEGER NOT NULL DEFAULT 0, publish_late TEXT CHECK (publish_late IN ('yes', 'no')), asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)), review TEXT CHECK (review IN ('submitted', 'rejected')), changed_by TEXT, deleting INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, editing INTEGER NOT NULL DEFAULT 0, edited INTEGER NOT NULL DEFAULT 0,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795449900000,9223372036854775807,'8c58344c0aa1fb63cb69f78612c49e17','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795449900000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-o6kcia8p/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795457109613,1795457109613,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'203feeb8e7faa5df154f8b02efccb2c0','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-o6kcia8p/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795457109613,1795457109613,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795457109743,9223372036854775807,'d43c1a234be77e841046aa3ce38e6627','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795457109743,'urn:uuid:d43c1a23-4be7-4e84-a046-aa3ce38e6627','/feed/site/posts/published','uid 0 (root)',3,1795457109743,1795457109743,NULL,'{"id":"urn:uuid:d43c1a23-4be7-4e84-a046-aa3ce38e6627","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795457109760,9223372036854775807,'8d594adcf7305ab15f036b4e041c8bb3','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795457109760,1795457109760,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795457109774,9223372036854775807,'51bd7336603cb9d21092b41ac9118ff3','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795457109774,0,NULL,NULL,'uid 0 (root)',3,1795457109774,1795457109774,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795457109788,1795457112596,'43366adf2bb96af23e63b1a94ae1173e','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795457109788,1795457109788,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795457109805,9223372036854775807,'1049b52e4c6bc87c5f88fb749812b3f9','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795457109805,0,NULL,NULL,'uid 0 (root)',2,1795457109805,1795457109805,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,2051341200000,'4398dff5dc8d948d3cb79e7300c7b1d1','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795457109824,1795457109824,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
',0,NULL,1,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'ca32975b4efde519e27c60481fbadeb4','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795457109834,1795457109843,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'e90dea91c2aab2c0f08a2554ccb92cfd','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795457109852,1795457109857,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
it is cancelled.
',0,NULL,0,NULL,NULL,0,0,0,0);
CREATE TABLE edit (
    delivery INTEGER PRIMARY KEY REFERENCES delivery (id),
    content  TEXT    NOT NULL,
    who      TEXT    NOT NULL
) STRICT;
CREATE TABLE history (
    id         INTEGER PRIMARY KEY,
    delivery   INTEGER REFERENCES delivery (id),
    account    TEXT,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    from_state TEXT,
    to_state   TEXT    NOT NULL,
    why        TEXT
, kind TEXT NOT NULL DEFAULT 'delivery', via TEXT, before_json TEXT, after_json TEXT, hash TEXT CHECK (hash IS NULL OR length(hash) = 64)) STRICT;
INSERT INTO "history" VALUES(1,1,NULL,1795457109613,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T16:05:00Z"}','a95d582c00698e0a286547eeacdb804a549566d17a1dbabb8490cc435db1ecf7');
INSERT INTO "history" VALUES(2,2,NULL,1795457109613,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','9f1001a330b263e504ede651199d56b6f1e7cf266629fe3b839510f4664b64d7');
INSERT INTO "history" VALUES(3,NULL,NULL,1795457109613,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"73da10a8578ae091a42a26862ff5e3112434cbafd6579cfbad15e964c9aee70e"}','cd315a484ce7312c3150756b0fa36a11aec85c0e2c42560a5fbc8a0b5af7dd11');
INSERT INTO "history" VALUES(4,3,NULL,1795457109743,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T18:05:09.743Z"}','7ca13268addeaa86f26d2d7d7ebd624f852328f2d2efe14b37892829954796ce');
INSERT INTO "history" VALUES(5,3,NULL,1795457109743,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'545196dcbd72be99d3474171ca2da96a735e7b36086c7bc9efc79ce131deff3c');
INSERT INTO "history" VALUES(6,4,NULL,1795457109760,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T18:05:09.760Z"}','c6d779e32ffde6650705cf28d0d314552ffe8c461af1a884cdc596a596f2e9de');
INSERT INTO "history" VALUES(7,4,NULL,1795457109760,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'7c74972be1d2a52bc2ac518a9a096c5a0488a5a5ca6d77ecdb0f8b698a048285');
INSERT INTO "history" VALUES(8,5,NULL,1795457109774,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T18:05:09.774Z"}','6299dfc6f37510bdd1925e2778d8bfe59c0f9988b7c81cf929528eba516cd7a8');
INSERT INTO "history" VALUES(9,5,NULL,1795457109774,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'ec988ddd034a369913945d1beb9f5dad5dd3f3520d23b46a41739bcc3f706183');
INSERT INTO "history" VALUES(10,5,NULL,1795457109774,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'d605ac1aa302b28c82428a2f46d93c7c3563fa4a97b887944455e54274b9bf48');
INSERT INTO "history" VALUES(11,6,NULL,1795457109788,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T18:05:09.788Z"}','a95be5a27d8cb6358dd1a207d70eda857617e12aa79e5d7bdad425f65283e80d');
INSERT INTO "history" VALUES(12,6,NULL,1795457109788,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'630bc014d822e1219f7a0211d917670ddda7681be19b42b1b07eb55211c0ae5c');
INSERT INTO "history" VALUES(13,7,NULL,1795457109805,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T18:05:09.805Z"}','2c28d3cb4084979f287fdfe44c203b80872f69fc01a4cc5dd9ec4967e3ec8e95');
INSERT INTO "history" VALUES(14,7,NULL,1795457109805,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'18a01a28c3843ce86c28c4cfecf96a53c65740d775136dcce6332f3c1cf767ef');
INSERT INTO "history" VALUES(15,8,NULL,1795457109824,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','5115d78f068e67e38aa853ebf97589492ee011360e559c65029dd37cdd630c23');
INSERT INTO "history" VALUES(16,9,NULL,1795457109834,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','aa417d7fca1a64a5afc2b47ac2856571738941c5de5a0df0f057cb1aa1442e15');
INSERT INTO "history" VALUES(17,9,NULL,1795457109843,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'3b0abbc1725ee52a388cd7aeed8e97106d889a300e146e2ab1774d607da9c78d');
INSERT INTO "history" VALUES(18,10,NULL,1795457109852,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','602de68c04caf709c9ca7f3e8dacd32b9e19eae69555f1789d1dd5537ac7889d');
INSERT INTO "history" VALUES(19,10,NULL,1795457109857,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'3da5879b226841c1a5699b557e2150c029741bfb2c1fca76f00c8ff1b507f822');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','a3d01e6e1ffd7ef0376387a66774aef3 2');
INSERT INTO "note" VALUES('documents_hash','73da10a8578ae091a42a26862ff5e3112434cbafd6579cfbad15e964c9aee70e');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('rules_hash','d0054412adf7313dd99a6ef60a64bebc7b3ea6dd5e6d7bf147540e36c07e3611 1.0.0');
INSERT INTO "note" VALUES('planned_until','2027-01-22T19:00:00Z');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','f7b2f614e852d4c0');
INSERT INTO "note" VALUES('fingerprint/strict','75f3ae18aab28a90');
INSERT INTO "note" VALUES('accounts','site
other
silent
no
doubt
later
stuck
strict
');
INSERT INTO "note" VALUES('writable','2026-11-23T18:05:09.728Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T18:05:09.743Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.743Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T18:05:09.743Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"published/site\",\"local\":\"2026-11-23T18:05:09+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T18:05:09.743Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.743Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795457109743);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.760Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T18:05:09.760Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"refused/no\",\"local\":\"2026-11-23T18:05:09+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T18:05:09.760Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.760Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795457109760);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.774Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T18:05:09.774Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T18:05:09+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T18:05:09.774Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.774Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795457109774);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.788Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T18:05:09.788Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"waiting/later\",\"local\":\"2026-11-23T18:05:09+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T18:05:09.788Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.788Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795457109788);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.805Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T18:05:09.805Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"sending/stuck\",\"local\":\"2026-11-23T18:05:09+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T18:05:09.805Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.805Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795457109805);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":{\"approved\":false,\"content_hash\":\"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7\",\"needed\":true,\"review\":null,\"said\":[],\"waits_for\":\"an editor\",\"wants\":\"an editor\"},\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.824Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T18:05:09.824Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795457109824);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.834Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.834Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795457109834);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T18:05:09.852Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T18:05:09.852Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795457109852);
CREATE TABLE tally (
    account TEXT    NOT NULL,
    state   TEXT    NOT NULL,
    count   INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (account, state)
) STRICT, WITHOUT ROWID;
INSERT INTO "tally" VALUES('doubt','ready',0);
INSERT INTO "tally" VALUES('doubt','sending',0);
INSERT INTO "tally" VALUES('doubt','unsure',1);
INSERT INTO "tally" VALUES('later','ready',0);
INSERT INTO "tally" VALUES('later','waiting',1);
INSERT INTO "tally" VALUES('no','ready',0);
INSERT INTO "tally" VALUES('no','refused',1);
INSERT INTO "tally" VALUES('site','cancelled',1);
INSERT INTO "tally" VALUES('site','draft',1);
INSERT INTO "tally" VALUES('site','held',1);
INSERT INTO "tally" VALUES('site','published',1);
INSERT INTO "tally" VALUES('site','ready',1);
INSERT INTO "tally" VALUES('strict','missed',1);
INSERT INTO "tally" VALUES('stuck','ready',0);
INSERT INTO "tally" VALUES('stuck','sending',1);
CREATE INDEX delivery_line ON delivery (account, slot, post_id, state) WHERE state IN ('ready', 'waiting');
CREATE INDEX delivery_slot ON delivery (slot, post_id, account);
CREATE INDEX delivery_account_slot ON delivery (account, slot, post_id);
CREATE INDEX delivery_state_slot ON delivery (state, slot, post_id, account);
CREATE INDEX delivery_published ON delivery (published, post_id, account) WHERE published > 0;
CREATE INDEX history_delivery ON history (delivery);
CREATE UNIQUE INDEX alert_episode ON alert (episode) WHERE episode IS NOT NULL;
CREATE INDEX alert_due ON alert (due, id) WHERE told = 0;
CREATE INDEX alert_at ON alert (at);
CREATE INDEX replay_at ON replay (at);
CREATE TRIGGER delivery_stays BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END;
CREATE TRIGGER delivery_key_stays BEFORE UPDATE OF post_id, account, delivery_key ON delivery
BEGIN SELECT RAISE(ABORT, 'the name and the key of a delivery never change'); END;
CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never deleted'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
CREATE INDEX history_override ON history (delivery) WHERE kind = 'override';
CREATE TRIGGER history_is_fixed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE INDEX delivery_released ON delivery (account, slot) WHERE released > 0;
CREATE INDEX approval_delivery ON approval (delivery);
CREATE TRIGGER approval_stays BEFORE DELETE ON approval
BEGIN SELECT RAISE(ABORT, 'what was said of an approval is never deleted'); END;
CREATE TRIGGER approval_is_fixed BEFORE UPDATE ON approval
BEGIN SELECT RAISE(ABORT, 'what was said of an approval is never changed'); END;
CREATE INDEX delivery_review ON delivery (slot, post_id, account) WHERE review IS NOT NULL;
CREATE INDEX delivery_draft_due ON delivery (due) WHERE state = 'draft';
CREATE INDEX delivery_open ON delivery (base_slot)
    WHERE state <> 'published' AND state <> 'refused' AND state <> 'missed' AND state <> 'cancelled';
CREATE INDEX delivery_slotted ON delivery (slot, state) WHERE slot_name IS NOT NULL;
CREATE INDEX delivery_series ON delivery (series, slot, post_id, account) WHERE series IS NOT NULL;
CREATE TRIGGER delivery_comes AFTER INSERT ON delivery
BEGIN
    INSERT INTO tally (account, state, count) VALUES (new.account, new.state, 1)
        ON CONFLICT (account, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER delivery_moves AFTER UPDATE OF state ON delivery WHEN old.state <> new.state
BEGIN
    UPDATE tally SET count = count - 1 WHERE account = new.account AND state = old.state;
    INSERT INTO tally (account, state, count) VALUES (new.account, new.state, 1)
        ON CONFLICT (account, state) DO UPDATE SET count = count + 1;
END;
CREATE INDEX delivery_deleting ON delivery (account, deleting) WHERE deleting > 0;
CREATE INDEX delivery_deleted ON delivery (account, deleted) WHERE deleted > 0;
CREATE INDEX delivery_editing ON delivery (account, editing) WHERE editing > 0;
CREATE INDEX delivery_edited ON delivery (account, edited) WHERE edited > 0;
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=9;
