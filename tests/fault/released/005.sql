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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795444406539);
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
INSERT INTO "alert" VALUES(1,'c91e641d6232c69dbb01e444500910c7',1795444406445,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T12:33:00Z","state":"missed"}',0,0,0,0,1795444406445);
INSERT INTO "alert" VALUES(2,'62a7cc11617f841a7f8f114a1ca47279',1795444406564,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T14:33:26.564Z","state":"refused"}',0,0,0,0,1795444406564);
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
INSERT INTO "attempt" VALUES(1,3,1,1795444406539,1795444406539,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795444406564,1795444406564,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795444406575,1795444406575,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795444406587,1795444406587,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795444406605,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:45417/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A226436643065306462383834613332633964623632306363363831383430643631222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335431343A33333A32362E3630355A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795437180000,9223372036854775807,'174e84a56fd452e19d9677b75d3a060f','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795437180000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-mtf9zor_/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795444406445,1795444406445,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'bf28582ac3d1a4b5a6265865bf808f47','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-mtf9zor_/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795444406445,1795444406445,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795444406539,9223372036854775807,'17f6f3113c3e4e5d4973ae93f06dec3e','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795444406539,'urn:uuid:17f6f311-3c3e-4e5d-a973-ae93f06dec3e','/feed/site/posts/published','uid 0 (root)',3,1795444406539,1795444406539,NULL,'{"id":"urn:uuid:17f6f311-3c3e-4e5d-a973-ae93f06dec3e","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795444406564,9223372036854775807,'be5caa9828701948b5984ef1f014220d','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795444406564,1795444406564,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795444406575,9223372036854775807,'6f1d5023b41802f40a2dd9449143a7d6','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795444406575,0,NULL,NULL,'uid 0 (root)',3,1795444406575,1795444406575,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795444406587,1795444409869,'81e75c5176e222d76671578ef9ad625c','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795444406587,1795444406587,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795444406605,9223372036854775807,'d6d0e0db884a32c9db620cc681840d61','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795444406605,0,NULL,NULL,'uid 0 (root)',2,1795444406605,1795444406605,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,2051341200000,'74ed5f90693a958ec76297a1bcc3ad2a','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795444406614,1795444406614,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
',0,NULL,1,NULL,NULL);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'b98991774dad6f08dee9b94e150022c3','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795444406619,1795444406622,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
',0,NULL,0,NULL,NULL);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'a2b2813038133389840b07491062dc75','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795444406624,1795444406627,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
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
INSERT INTO "history" VALUES(1,1,NULL,1795444406445,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T12:33:00Z"}','d9dbe6a9282ed8a3e0b75b26b6d1898ae497080b490890562be4c04f856e0a64');
INSERT INTO "history" VALUES(2,2,NULL,1795444406445,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','887649276f020c261b300e4710191a6a0d9502581e4e64df8ebef025d2322f72');
INSERT INTO "history" VALUES(3,NULL,NULL,1795444406445,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"d0815a02a737065819a0093f529ca795f7004ac3e8163e665099e0c9eb6de17b"}','79c27b08940240cbc57fdd113a2bb8a9829cb1d833ca52474b6ed8e1be43b781');
INSERT INTO "history" VALUES(4,3,NULL,1795444406539,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T14:33:26.539Z"}','28918a7a605cd3aea784a1bbf1e39abd0e2a0f2609d8b39639b1de00618a8162');
INSERT INTO "history" VALUES(5,3,NULL,1795444406539,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'3e79bd7131344ba1248d225555a03e2da43d555fe132d3269828118eee2a1148');
INSERT INTO "history" VALUES(6,4,NULL,1795444406564,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T14:33:26.564Z"}','94db49e69dbe1a635d1279cbd0e4ff5028d3a289a609efd3614a5f294b12222e');
INSERT INTO "history" VALUES(7,4,NULL,1795444406564,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'2dd545e0d891f3b630ce4de866523db361d94bf12fdc444bd5c5a9e2f0d9f31b');
INSERT INTO "history" VALUES(8,5,NULL,1795444406575,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T14:33:26.575Z"}','0e5298496bd34ab6df4b86c359eab24732f9c9b46e6f88a4b59916df91598797');
INSERT INTO "history" VALUES(9,5,NULL,1795444406575,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'a93e301071c0c5d9452dc77801ef67f8f49d014c0b02b4562b27a0bac68a7bfb');
INSERT INTO "history" VALUES(10,5,NULL,1795444406575,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'144ee705667d21db8bacf62b2e56cf94e20489e0a57ab6c7d1987288e096febb');
INSERT INTO "history" VALUES(11,6,NULL,1795444406587,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T14:33:26.587Z"}','beb2d920cc5897cd788752c03cc8baed0d4ddaa7e83cace96d8de3e16ad4502a');
INSERT INTO "history" VALUES(12,6,NULL,1795444406587,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'e79a57aa5e6cb619f398938cb4169163f21d48d821d8b5729f95ac530ffdd1d0');
INSERT INTO "history" VALUES(13,7,NULL,1795444406605,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T14:33:26.605Z"}','79ee67de985a51072aea6cc1554f41109b268ceff61abdd7260e6fba869c7131');
INSERT INTO "history" VALUES(14,7,NULL,1795444406605,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'83ed48e348c072b671bc184981a6a95bde206a93d0f52e86ef76a0cb6bbca840');
INSERT INTO "history" VALUES(15,8,NULL,1795444406614,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','f4f93d54df81a4ba7b09946574ec1ac19fe6f85b6074a1ea2ec891ba65e9fd12');
INSERT INTO "history" VALUES(16,9,NULL,1795444406619,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','f736106df32e8c0d0d6191ed6a4230301c1d0cbc0055445565a7f7583bb13fe2');
INSERT INTO "history" VALUES(17,9,NULL,1795444406622,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'dbd2b8fc718f410437ce7192bc201e9aaed7d49713b9e3e3b6a4353c6cffc155');
INSERT INTO "history" VALUES(18,10,NULL,1795444406624,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','0ffc614681f40e1f65d207d1ab554ef5fa56062f70b3ba2b7a2b2a58f4910f35');
INSERT INTO "history" VALUES(19,10,NULL,1795444406627,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'cd079868c32b697834e17249fab6eff047bc8ec09cbb1a561cce22f44f7a30c0');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','2b2731390599471f1fe98beed7f600f0 2');
INSERT INTO "note" VALUES('documents_hash','d0815a02a737065819a0093f529ca795f7004ac3e8163e665099e0c9eb6de17b');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('planned_until','2027-01-22T15:00:00Z');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','5d3f42bffa22113c');
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
INSERT INTO "note" VALUES('writable','2026-11-23T14:33:26.533Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T14:33:26.539Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.539Z\",\"due\":\"2026-11-23T14:33:26.539Z\",\"id\":\"published/site\",\"local\":\"2026-11-23T14:33:26+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T14:33:26.539Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.539Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795444406539);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.564Z\",\"due\":\"2026-11-23T14:33:26.564Z\",\"id\":\"refused/no\",\"local\":\"2026-11-23T14:33:26+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T14:33:26.564Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.564Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795444406564);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.575Z\",\"due\":\"2026-11-23T14:33:26.575Z\",\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T14:33:26+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T14:33:26.575Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.575Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795444406575);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.587Z\",\"due\":\"2026-11-23T14:33:26.587Z\",\"id\":\"waiting/later\",\"local\":\"2026-11-23T14:33:26+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T14:33:26.587Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.587Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795444406587);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.605Z\",\"due\":\"2026-11-23T14:33:26.605Z\",\"id\":\"sending/stuck\",\"local\":\"2026-11-23T14:33:26+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T14:33:26.605Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.605Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795444406605);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":{\"approved\":false,\"content_hash\":\"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7\",\"needed\":true,\"review\":null,\"said\":[],\"waits_for\":\"an editor\",\"wants\":\"an editor\"},\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.614Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T14:33:26.614Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795444406614);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.619Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.619Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795444406619);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T14:33:26.624Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T14:33:26.624Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795444406624);
CREATE INDEX delivery_due ON delivery (account, due, slot, post_id, state) WHERE state IN ('ready', 'waiting');
CREATE INDEX delivery_line ON delivery (account, slot, post_id, state) WHERE state IN ('ready', 'waiting');
CREATE INDEX delivery_open ON delivery (base_slot, state)
    WHERE state NOT IN ('published', 'refused', 'missed', 'cancelled');
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
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=5;
