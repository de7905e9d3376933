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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795419032498);
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
INSERT INTO "alert" VALUES(1,'ad2f5b79b50810700dd523c3e24fe760',1795419032424,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T05:30:00Z","state":"missed"}',0,0,0,0,1795419032424);
INSERT INTO "alert" VALUES(2,'7866d3de7c1eef1ad6d6482dc6fac6fb',1795419032509,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T07:30:32.509Z","state":"refused"}',0,0,0,0,1795419032509);
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
INSERT INTO "attempt" VALUES(1,3,1,1795419032498,1795419032498,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795419032509,1795419032509,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795419032520,1795419032520,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795419032533,1795419032533,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795419032541,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:45671/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A223766356561333564386238623538623135353266633235643233623961303861222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335430373A33303A33322E3534315A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
    folded       TEXT    NOT NULL,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795411800000,9223372036854775807,'1988e1d238fe6aac4b6ef0fdd23f2e8f','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795411800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-jyptried/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795419032424,1795419032424,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
');
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'c8159d88cab40dadb99d9f380617a406','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-jyptried/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795419032424,1795419032424,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
');
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795419032498,9223372036854775807,'747d79302fce75466065c37789f1d69b','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795419032498,'urn:uuid:747d7930-2fce-4546-a065-c37789f1d69b','/feed/site/posts/published','uid 0 (root)',3,1795419032498,1795419032498,NULL,'{"id":"urn:uuid:747d7930-2fce-4546-a065-c37789f1d69b","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
');
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795419032509,9223372036854775807,'a64d75b0ea4878f34a03f0f433c620a4','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795419032509,1795419032509,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
');
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795419032520,9223372036854775807,'09f3793d23338bf632123cfb5ba1b3f3','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795419032520,0,NULL,NULL,'uid 0 (root)',4,1795419032520,1795419032520,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
');
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795419032533,1795419033763,'b9c45206d7008ce9705d07a8d429c9b7','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795419032533,1795419032533,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
');
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795419032541,9223372036854775807,'7f5ea35d8b8b58b1552fc25d23b9a08a','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795419032541,0,NULL,NULL,'uid 0 (root)',3,1795419032541,1795419032541,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
');
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,9223372036854775807,'de342a387c04de78a933bd1c912b3741','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795419032549,1795419032549,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
');
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'c7638608bee2a4ed1ec4bf3292d31b66','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795419032553,1795419032561,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
');
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'972cdd09a210ec7301899e8daeb31d5c','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795419032565,1795419032569,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
it is cancelled.
');
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
INSERT INTO "history" VALUES(1,1,NULL,1795419032424,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T05:30:00Z"}','7a4ecb8150dc2d2b6c70c1f82da608d87201f9afd3ab23ae8d1419178c293759');
INSERT INTO "history" VALUES(2,2,NULL,1795419032424,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','dde13b756834c09f3894c6d414eb800cf3cf6600f14ef8250400551508f5a7c8');
INSERT INTO "history" VALUES(3,NULL,NULL,1795419032424,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"f9a297ca8b3b03daf6873e959546f52bd3352105f6bcc9e5bbd9c72811dda6df"}','e9da3129d55bec7b6c23e9cafc13d0988dce11352c3537252f9368562d24ce31');
INSERT INTO "history" VALUES(4,3,NULL,1795419032498,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T07:30:32.498Z"}','4219cd9cdb19213b81a1121490a1de8c7d6d98ae902f74a6991ffd09bc59d87d');
INSERT INTO "history" VALUES(5,3,NULL,1795419032498,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'f0779d75ecd2e9f9d4d838f695f22ec0658fe9d2eaa7bb2d73f682a364d031a6');
INSERT INTO "history" VALUES(6,4,NULL,1795419032509,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T07:30:32.509Z"}','69359fd6bd3c73f0985a87b4f152448c3d81ecbfa0be10c4f22311e8b61d1645');
INSERT INTO "history" VALUES(7,4,NULL,1795419032509,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'72ce8b5da5dd61e68bb2fc7eab0627392230d44cf772337c372f1d61eaba50ef');
INSERT INTO "history" VALUES(8,5,NULL,1795419032520,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T07:30:32.520Z"}','3b4cae75ae919914ca6affe0b62ccbb321e8d5e7e5eda2bfb51dd5e61ba5f4b0');
INSERT INTO "history" VALUES(9,5,NULL,1795419032520,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'651c733bc3c9fcb430ad423fa2261428f540d132d88483798e493f66529d4e9f');
INSERT INTO "history" VALUES(10,5,NULL,1795419032520,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'2924094cdae7134cf5af650f999e99faf89faf0dcfa0a87a7a89cef35243ed1d');
INSERT INTO "history" VALUES(11,6,NULL,1795419032533,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T07:30:32.533Z"}','ff2d24f3cf144fba12e829be3dc8516d2a4df901e886b2c39773093f04b274a9');
INSERT INTO "history" VALUES(12,6,NULL,1795419032533,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'86ccbe82d128f9ea980f5e436c8116bf7465fcf81f99b8bd7fbf0b48127be922');
INSERT INTO "history" VALUES(13,7,NULL,1795419032541,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T07:30:32.541Z"}','f8e75eb4a02ec54ad2fec478ee9bc07c48db7175f9eb41766ef4142eaf1ecbe1');
INSERT INTO "history" VALUES(14,7,NULL,1795419032541,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'f4bd2a4361a278580aad4b463486d8e2a065469453b8594d6da72595707b5365');
INSERT INTO "history" VALUES(15,8,NULL,1795419032549,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','9809280c765f9f605b58a16a7a099fd4609466d81ea88726a0239ab07a7ec421');
INSERT INTO "history" VALUES(16,9,NULL,1795419032553,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','bf231808e8cc875b8ec2a57f7f0ca59a289c4681ed1b2d6e514c0facf184cb32');
INSERT INTO "history" VALUES(17,9,NULL,1795419032561,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'445badaf4c7e0c5411e11e57f5cd22322f0b6c16e8deb6e540fd2401e6e52758');
INSERT INTO "history" VALUES(18,10,NULL,1795419032565,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','d0a19394dd1ef5ef65053643ead1e7d127c3a77edacaa41ecd72d4bdd9da2581');
INSERT INTO "history" VALUES(19,10,NULL,1795419032569,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'b47a9c1c32f569447017db781f25cbdf46c00684541cfb76b8d2a26593e14540');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','0760fa75448621e78019cc252a1cc737 2');
INSERT INTO "note" VALUES('documents_hash','f9a297ca8b3b03daf6873e959546f52bd3352105f6bcc9e5bbd9c72811dda6df');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','bb9a41a6d7743885');
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
INSERT INTO "note" VALUES('writable','2026-11-23T07:30:32.494Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T07:30:32.498Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.498Z\",\"due\":\"2026-11-23T07:30:32.498Z\",\"id\":\"published/site\",\"local\":\"2026-11-23T07:30:32+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:30:32.498Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.498Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795419032498);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.509Z\",\"due\":\"2026-11-23T07:30:32.509Z\",\"id\":\"refused/no\",\"local\":\"2026-11-23T07:30:32+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:30:32.509Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.509Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795419032509);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.520Z\",\"due\":\"2026-11-23T07:30:32.520Z\",\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T07:30:32+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:30:32.520Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.520Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795419032520);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.533Z\",\"due\":\"2026-11-23T07:30:32.533Z\",\"id\":\"waiting/later\",\"local\":\"2026-11-23T07:30:32+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:30:32.533Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.533Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795419032533);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.541Z\",\"due\":\"2026-11-23T07:30:32.541Z\",\"id\":\"sending/stuck\",\"local\":\"2026-11-23T07:30:32+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:30:32.541Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.541Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795419032541);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.549Z\",\"due\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T07:30:32.549Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795419032549);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.553Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.553Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795419032553);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:30:32.565Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:30:32.565Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795419032565);
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
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=2;
