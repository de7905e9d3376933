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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795446868249);
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
INSERT INTO "alert" VALUES(1,'b1c40883be967752b6d6947c4cb2bab8',1795446868169,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T13:14:00Z","state":"missed"}',0,0,0,0,1795446868169);
INSERT INTO "alert" VALUES(2,'8167d1ec1f284a0a6a5d3bdc8899ef61',1795446868253,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T15:14:28.253Z","state":"refused"}',0,0,0,0,1795446868253);
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
INSERT INTO "attempt" VALUES(1,3,1,1795446868249,1795446868249,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795446868253,1795446868253,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795446868255,1795446868255,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795446868259,1795446868259,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795446868264,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:43573/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A223635353539643332363064363935343864346431653736373230663061653661222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335431353A31343A32382E3236345A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
    folded       TEXT    NOT NULL, released INTEGER NOT NULL DEFAULT 0, publish_late TEXT CHECK (publish_late IN ('yes', 'no')), asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)), review TEXT CHECK (review IN ('submitted', 'rejected')), changed_by TEXT,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795439640000,9223372036854775807,'048aac2cd6e2b74d5e6a9b8707885146','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795439640000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-9jelvft8/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795446868169,1795446868169,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'45d520deba03e5a6b31853f81044e98f','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-9jelvft8/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795446868169,1795446868169,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795446868249,9223372036854775807,'5ef5b55a20e79a3d08ce33f95c9adccb','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795446868249,'urn:uuid:5ef5b55a-20e7-4a3d-a8ce-33f95c9adccb','/feed/site/posts/published','uid 0 (root)',3,1795446868249,1795446868249,NULL,'{"id":"urn:uuid:5ef5b55a-20e7-4a3d-a8ce-33f95c9adccb","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795446868253,9223372036854775807,'1f89012255ca5fe91fa1315e29f9caf0','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795446868253,1795446868253,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795446868255,9223372036854775807,'acb80d964ce639158c074b123b45e1bd','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795446868255,0,NULL,NULL,'uid 0 (root)',3,1795446868255,1795446868255,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795446868259,1795446869895,'b347fa8237eb4581f91049a35a9f5fb9','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795446868259,1795446868259,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795446868264,9223372036854775807,'65559d3260d69548d4d1e76720f0ae6a','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795446868264,0,NULL,NULL,'uid 0 (root)',2,1795446868264,1795446868264,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,2051341200000,'7aacb9ed05468853475d73aa489aeb13','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795446868271,1795446868271,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
',0,NULL,1,NULL,NULL);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'cc7ed9caa383a00e1dbe4ea455bbd93b','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795446868275,1795446868279,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'e44c26adeb34aee2755e5181df39c5a2','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795446868283,1795446868287,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
it is cancelled.
',0,NULL,0,NULL,NULL);
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
INSERT INTO "history" VALUES(1,1,NULL,1795446868169,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T13:14:00Z"}','b76d134dbf94ac8d673559f01a18b38c8b3729a5c04ffcbeb9760e96965bd15b');
INSERT INTO "history" VALUES(2,2,NULL,1795446868169,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','f63ffa3c8687a72525392177bfa53b0e7470959dfe046d9ce3da693b39c3fb54');
INSERT INTO "history" VALUES(3,NULL,NULL,1795446868169,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"c6ec6d0ee22e606da1a2c0f334ca502a9a81fc6efcaa29378f11f9b677ad9dbc"}','a6e5d3dd9a3f8dfac4dd2dca1eb3b3b5c7be571522c1b9976d94cef1d62b946c');
INSERT INTO "history" VALUES(4,3,NULL,1795446868249,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T15:14:28.249Z"}','c158109ae35dc80bf2325dcfa42e492ab07932741bc8ee2339c0e3e1f517048b');
INSERT INTO "history" VALUES(5,3,NULL,1795446868249,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'db4a445a5133e29161f1233ecb0ff69b20e24b5ac74c89a063ac3894f3a59280');
INSERT INTO "history" VALUES(6,4,NULL,1795446868253,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T15:14:28.253Z"}','64554e5d42c3275908a5658377815ab5032471bca4a3fba9f2fd51f935c39f35');
INSERT INTO "history" VALUES(7,4,NULL,1795446868253,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'91ecfbb5796228c5d25312ec7b75898270dc3e906c947c57e99f37de19eca7a1');
INSERT INTO "history" VALUES(8,5,NULL,1795446868255,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T15:14:28.255Z"}','fd6809f87699dc0fd78a9aa5fa2a59da8e45c5ba92a9e30c18ef7042b8ba5f2e');
INSERT INTO "history" VALUES(9,5,NULL,1795446868255,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'a56ca2c0731db8f9008023e1b01d76d8dddf0381ac48a93b6834514615d59610');
INSERT INTO "history" VALUES(10,5,NULL,1795446868255,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'89e957b910b6c188540d318c213ade63d2b679095097e7ed376e07fa0ec5936e');
INSERT INTO "history" VALUES(11,6,NULL,1795446868259,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T15:14:28.259Z"}','04e02213d9154950bf1942a1333c74bd159982d0e63e93cbcd56fa79f44f4243');
INSERT INTO "history" VALUES(12,6,NULL,1795446868259,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'2c15a2e898a35d7fa44321dbfb88a0fa33fb36848fccb984030b0757f31f20de');
INSERT INTO "history" VALUES(13,7,NULL,1795446868264,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T15:14:28.264Z"}','80cd70c26c860289e611a131f4f64aa299ea9b0f6ee7abeaa5a33eadcec8701b');
INSERT INTO "history" VALUES(14,7,NULL,1795446868264,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'e9fd3aa67c73f96b6dc6a779a9ff6d0ffd5e485437ee47691078521804eb75f5');
INSERT INTO "history" VALUES(15,8,NULL,1795446868271,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','3f2fc5a829968601740407a495fe1d7f69258bece95f0019066a08f2220f8f06');
INSERT INTO "history" VALUES(16,9,NULL,1795446868275,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','3596e99e3623ef9044f5aa5aedf88c7be20491a3a4d891cee5589a969089636c');
INSERT INTO "history" VALUES(17,9,NULL,1795446868279,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'d5f8e9c81095a52c87efb9117b2d9a59bb1bc9f42dd20f652c1d0b0a3f5df874');
INSERT INTO "history" VALUES(18,10,NULL,1795446868283,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','941cb62ff33452c6e40560bda6254b2a4cd5c207ac5fc503f0bacfd739d95590');
INSERT INTO "history" VALUES(19,10,NULL,1795446868287,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'08bda6c7b42ea9664819bcf3ba165473e9baec3d3e0aba33d000960b309f4ebb');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','5a4125d5eab84ea439d065cfd569023e 2');
INSERT INTO "note" VALUES('documents_hash','c6ec6d0ee22e606da1a2c0f334ca502a9a81fc6efcaa29378f11f9b677ad9dbc');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('planned_until','2027-01-22T16:00:00Z');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','cc63c26201f4bd40');
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
INSERT INTO "note" VALUES('writable','2026-11-23T15:14:28.245Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T15:14:28.249Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.249Z\",\"due\":\"2026-11-23T15:14:28.249Z\",\"id\":\"published/site\",\"local\":\"2026-11-23T15:14:28+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T15:14:28.249Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.249Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795446868249);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.253Z\",\"due\":\"2026-11-23T15:14:28.253Z\",\"id\":\"refused/no\",\"local\":\"2026-11-23T15:14:28+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T15:14:28.253Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.253Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795446868253);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.255Z\",\"due\":\"2026-11-23T15:14:28.255Z\",\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T15:14:28+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T15:14:28.255Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.255Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795446868255);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.259Z\",\"due\":\"2026-11-23T15:14:28.259Z\",\"id\":\"waiting/later\",\"local\":\"2026-11-23T15:14:28+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T15:14:28.259Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.259Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795446868259);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.264Z\",\"due\":\"2026-11-23T15:14:28.264Z\",\"id\":\"sending/stuck\",\"local\":\"2026-11-23T15:14:28+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T15:14:28.264Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.264Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795446868264);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":{\"approved\":false,\"content_hash\":\"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7\",\"needed\":true,\"review\":null,\"said\":[],\"waits_for\":\"an editor\",\"wants\":\"an editor\"},\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.271Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T15:14:28.271Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795446868271);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.275Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.275Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795446868275);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T15:14:28.283Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T15:14:28.283Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795446868283);
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
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=6;
