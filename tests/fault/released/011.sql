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
, draft INTEGER NOT NULL DEFAULT 0 CHECK (draft >= 0), ready INTEGER NOT NULL DEFAULT 0 CHECK (ready >= 0), held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0), sending INTEGER NOT NULL DEFAULT 0 CHECK (sending >= 0), unsure INTEGER NOT NULL DEFAULT 0 CHECK (unsure >= 0), published INTEGER NOT NULL DEFAULT 0 CHECK (published >= 0), refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0), missed INTEGER NOT NULL DEFAULT 0 CHECK (missed >= 0), cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0)) STRICT;
INSERT INTO "account" VALUES('*',0,NULL,0,NULL,0,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "account" VALUES('strict',0,NULL,0,NULL,0,0,0,0,0,0,0,0,0,0,0,1,0);
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795472096425,1,1,1,0,0,0,1,0,0,1);
INSERT INTO "account" VALUES('no',0,NULL,0,NULL,0,0,0,0,0,0,0,0,0,0,1,0,0);
INSERT INTO "account" VALUES('doubt',0,NULL,0,NULL,0,0,0,0,0,0,0,0,1,0,0,0,0);
INSERT INTO "account" VALUES('later',0,NULL,0,NULL,0,0,0,0,0,0,1,0,0,0,0,0,0);
INSERT INTO "account" VALUES('stuck',0,NULL,0,NULL,0,0,0,0,0,0,0,1,0,0,0,0,0);
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
INSERT INTO "alert" VALUES(1,'44b7ca6696e375950a4cbeca34ce538c',1795472096042,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T20:14:00Z","state":"missed"}',0,0,0,0,1795472096042);
INSERT INTO "alert" VALUES(2,'e0e45963e83440e843ec58d657df74f6',1795472096455,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T22:14:56.455Z","state":"refused"}',0,0,0,0,1795472096455);
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
CREATE TABLE "attempt" (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    number       INTEGER NOT NULL,                           -- 1, 2, … of this delivery
    started      INTEGER NOT NULL,
    step         TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('session', 'prepare', 'create', 'local', 'done')),
    state        TEXT    NOT NULL,                           -- of the delivery while it runs
    content_hash TEXT    NOT NULL,                           -- what it tries to publish
    request      TEXT,
    body         BLOB,
    UNIQUE (delivery, number)
) STRICT;
INSERT INTO "attempt" VALUES(1,3,1,1795472096425,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795472096455,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795472096484,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795472096519,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795472096540,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:38437/',X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A226634626564653866366665383563623331323839373639373961643230666537222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335432323A31343A35362E3534305A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
CREATE TABLE content (
    delivery INTEGER PRIMARY KEY REFERENCES delivery (id),
    content  TEXT NOT NULL,                                  -- JSON
    folded   TEXT NOT NULL                                   -- its words in lower case, for searching
) STRICT;
INSERT INTO "content" VALUES(1,'{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
');
INSERT INTO "content" VALUES(2,'{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
');
INSERT INTO "content" VALUES(3,'{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
');
INSERT INTO "content" VALUES(4,'{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
');
INSERT INTO "content" VALUES(5,'{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
');
INSERT INTO "content" VALUES(6,'{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
');
INSERT INTO "content" VALUES(7,'{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
');
INSERT INTO "content" VALUES(8,'{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
');
INSERT INTO "content" VALUES(9,'{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
');
INSERT INTO "content" VALUES(10,'{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
it is cancelled.
');
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
    released INTEGER NOT NULL DEFAULT 0, publish_late TEXT CHECK (publish_late IN ('yes', 'no')), asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)), review TEXT CHECK (review IN ('submitted', 'rejected')), changed_by TEXT, deleting INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, editing INTEGER NOT NULL DEFAULT 0, edited INTEGER NOT NULL DEFAULT 0,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795464840000,9223372036854775807,'cc76136141a2dcc8431bf6389b706796','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795464840000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-_e4b4f7s/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795472096042,1795472096042,'its time had already passed when it was first read','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'ca98fbd29aeca62dcaecdaf80811c6a8','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-_e4b4f7s/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795472096042,1795472096042,NULL,'{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795472096425,9223372036854775807,'e735cc245338d07c30d3c3b9ea1e91b5','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795472096425,'urn:uuid:e735cc24-5338-407c-a0d3-c3b9ea1e91b5','/feed/site/posts/published','uid 0 (root)',3,1795472096425,1795472096425,NULL,'{"id":"urn:uuid:e735cc24-5338-407c-a0d3-c3b9ea1e91b5","url":"/feed/site/posts/published"}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795472096455,9223372036854775807,'e69664ecf66835d2c66b4974f14cd9d5','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795472096455,1795472096455,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795472096484,9223372036854775807,'e27755a902e5a3cf0b622bb2e01c94c4','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795472096484,0,NULL,NULL,'uid 0 (root)',3,1795472096484,1795472096484,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795472096519,1795472099537,'fc7ae60f3eba0224242f33138d37c154','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795472096519,1795472096519,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795472096540,9223372036854775807,'f4bede8f6fe85cb3128976979ad20fe7','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795472096540,0,NULL,NULL,'uid 0 (root)',2,1795472096540,1795472096540,NULL,'{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,2051341200000,'3abd8e116eec03da17d84cbe144ac7ff','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795472096554,1795472096554,NULL,'{}',0,NULL,1,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'1b971e80ed9f6e997fe602257d7acf17','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795472096588,1795472096614,'held: so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'c59eba8600ecbd2b2ce1a666679aa5ea','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795472096622,1795472096647,'cancelled: so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
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
INSERT INTO "history" VALUES(1,1,NULL,1795472096042,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T20:14:00Z"}','58ff968850770e2233ddda7bfabc9b6c12037455f231933867c2b5d4ae041e74');
INSERT INTO "history" VALUES(2,2,NULL,1795472096042,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','a55856ffd90dbbebf88dc9b3734aeb689c66d6c514a9d6655a609f606ad7cf3d');
INSERT INTO "history" VALUES(3,NULL,NULL,1795472096042,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"f51aced4c2049b3c30014eea72b9ffba3aa29e743809283c53519d71e4241847"}','27ae972c1f4bd196ee74aac32aaf654e3fe056fc8a4a5ed185313452a4c8e99c');
INSERT INTO "history" VALUES(4,3,NULL,1795472096425,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T22:14:56.425Z"}','51483848f192a1db11c1b9856765256a63ce4b2aa135df20184171a71c3197aa');
INSERT INTO "history" VALUES(5,3,NULL,1795472096425,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'5c3c48c1e5503eef2c387ec9101a6b5604e1f5005f367d0786b0ba356c71fa46');
INSERT INTO "history" VALUES(6,4,NULL,1795472096455,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T22:14:56.455Z"}','8fa67193cd3cb834c48ebff2a23ac5cea3d2ec9af4c554784021beba6484f0b8');
INSERT INTO "history" VALUES(7,4,NULL,1795472096455,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'830f70f57c2e7c669b4a7b2d2b5c2114a6fa4443da38cbba37c1fca5d5cdb5d5');
INSERT INTO "history" VALUES(8,5,NULL,1795472096484,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T22:14:56.484Z"}','1f4db6bfedaa3b03aa95aadadd1530232f97d55a6920e85214a55169420fd7ed');
INSERT INTO "history" VALUES(9,5,NULL,1795472096484,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'2e2459b973dd885c6803d39924058aec90aed06f17cfe18e3ec69a0bf460751b');
INSERT INTO "history" VALUES(10,5,NULL,1795472096484,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'3a75e76ee659e0148f485b4630c860a755c1644ee705533faf226f1239c36281');
INSERT INTO "history" VALUES(11,6,NULL,1795472096519,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T22:14:56.519Z"}','1be30d171022010819ffe98ad285bd81292228add7dc51d33ec137fd78a72c1b');
INSERT INTO "history" VALUES(12,6,NULL,1795472096519,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'41bea231a6cd9c88c1809247cd0b1a9d74705437eed87cb8a23fe092bc3d8b5d');
INSERT INTO "history" VALUES(13,7,NULL,1795472096540,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T22:14:56.540Z"}','a381796bb0e12bed7e9d29e11ccec936661bbc4e0f7106aef4e7f962797a32ee');
INSERT INTO "history" VALUES(14,7,NULL,1795472096540,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'61e6892bf54384d00338b9ab101764e32bad695fef96b220bde85828b8a51883');
INSERT INTO "history" VALUES(15,8,NULL,1795472096554,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','9fda90ccebeb3a18a96fb9e3279f8a2c25d98cb790ea5254fe356eb008c79015');
INSERT INTO "history" VALUES(16,9,NULL,1795472096588,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','3ca79a8cd1db998cea6bfa5444f83e40661bf475dc205b78e559b0e1570c1645');
INSERT INTO "history" VALUES(17,9,NULL,1795472096614,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'dbf762357ad0cc1cd17a677082e4aaf3aa84c1cf146aa44dcc80d6aeb3d5e00a');
INSERT INTO "history" VALUES(18,10,NULL,1795472096622,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','6e2dc5835a55cc871e1f8e3260e85513351481da0c99538acb6143a482fbb5fa');
INSERT INTO "history" VALUES(19,10,NULL,1795472096647,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'f69d2d3c6c6da6021f3ad1480a680c643f730a760bc6c400b50ec03707bc28f6');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','41666470323955b18be49bbce44493f2 2');
INSERT INTO "note" VALUES('documents_hash','f51aced4c2049b3c30014eea72b9ffba3aa29e743809283c53519d71e4241847');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('rules_hash','4466951bf407ea2511965e1a07b80e4b23d82a384036b97a7c16970783cd17c3 1.0.0');
INSERT INTO "note" VALUES('planned_until','2027-01-22T23:00:00Z');
INSERT INTO "note" VALUES('imprint','85e00330c14a3eb5115bf430fa90d504572d4cdab63f145a9699034d95e48b4a 1795385696042');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','d6d0385bf2184ada');
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
INSERT INTO "note" VALUES('writable','2026-11-23T22:14:56.398Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T22:14:56.425Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.425Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T22:14:56.425Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"published/site\",\"local\":\"2026-11-23T22:14:56+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"published\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T22:14:56.425Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.425Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795472096425);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.455Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T22:14:56.455Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"refused/no\",\"local\":\"2026-11-23T22:14:56+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"refused\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T22:14:56.455Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.455Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795472096455);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.484Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T22:14:56.484Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T22:14:56+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"unsure\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T22:14:56.484Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.484Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795472096484);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.519Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T22:14:56.519Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"waiting/later\",\"local\":\"2026-11-23T22:14:56+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"waiting\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T22:14:56.519Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.519Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795472096519);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.540Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T22:14:56.540Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"sending/stuck\",\"local\":\"2026-11-23T22:14:56+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"sending\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T22:14:56.540Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.540Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795472096540);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":{\"approved\":false,\"content_hash\":\"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7\",\"needed\":true,\"review\":null,\"said\":[],\"waits_for\":\"an editor\",\"wants\":\"an editor\"},\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.554Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"draft\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T22:14:56.554Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795472096554);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.588Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"held\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.588Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795472096588);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T22:14:56.622Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"parts_out\":0,\"post\":\"cancelled\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T22:14:56.622Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795472096622);
CREATE TABLE settlement (
    attempt INTEGER PRIMARY KEY REFERENCES attempt (id),
    ended   INTEGER NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('done', 'next', 'wait', 'retry', 'refused', 'unsure', 'not-found')),
    scope   TEXT CHECK (scope IN ('post', 'account', 'network')),
    status  INTEGER NOT NULL DEFAULT 0,
    timings TEXT,
    message TEXT
) STRICT;
INSERT INTO "settlement" VALUES(1,1795472096425,'done','post',0,NULL,NULL);
INSERT INTO "settlement" VALUES(2,1795472096455,'refused','post',0,NULL,'the account''s option ''answer'' says so');
INSERT INTO "settlement" VALUES(3,1795472096484,'unsure','post',0,NULL,'the account''s option ''answer'' says so');
INSERT INTO "settlement" VALUES(4,1795472096519,'retry','post',0,NULL,'the account''s option ''answer'' says so');
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
CREATE INDEX delivery_slotted ON delivery (slot, state) WHERE slot_name IS NOT NULL;
CREATE INDEX delivery_series ON delivery (series, slot, post_id, account) WHERE series IS NOT NULL;
CREATE INDEX delivery_deleting ON delivery (account, deleting) WHERE deleting > 0;
CREATE INDEX delivery_deleted ON delivery (account, deleted) WHERE deleted > 0;
CREATE INDEX delivery_editing ON delivery (account, editing) WHERE editing > 0;
CREATE INDEX delivery_edited ON delivery (account, edited) WHERE edited > 0;
CREATE TRIGGER content_stays BEFORE DELETE ON content
BEGIN SELECT RAISE(ABORT, 'a content is never deleted'); END;
CREATE INDEX delivery_open ON delivery (base_slot) WHERE published = 0;
CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never deleted'); END;
CREATE TRIGGER attempt_is_fixed BEFORE UPDATE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never changed'); END;
CREATE TRIGGER settlement_stays BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'a settlement is never deleted'); END;
CREATE TRIGGER settlement_is_fixed BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END;
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=11;
