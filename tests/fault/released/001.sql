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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795417589957);
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
INSERT INTO "alert" VALUES(1,'daac1d03d4da5a9c7b580a3fe6b90a28',1795417589868,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T05:06:00Z","state":"missed"}',0,0,0,0,1795417589868);
INSERT INTO "alert" VALUES(2,'d71ad1c32c550ff51cdf40ad8be5af22',1795417589969,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T07:06:29.969Z","state":"refused"}',0,0,0,0,1795417589969);
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
INSERT INTO "attempt" VALUES(1,3,1,1795417589957,1795417589957,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795417589969,1795417589969,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795417589977,1795417589977,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795417589993,1795417589993,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795417590005,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:39347/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A223562623164393335626164373862623132663536373566333165353733303633222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335430373A30363A33302E3030355A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795410360000,9223372036854775807,'c2cd2430d44420ac4009e36b8ad442a3','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795410360000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-79ygm89g/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795417589868,1795417589868,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
');
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'0c1bd827c5eba4ac0ddc3bd7d10cae89','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-79ygm89g/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795417589868,1795417589868,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
');
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795417589957,9223372036854775807,'68c44b253c5362a08898b8e6d5ebb2e6','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795417589957,'urn:uuid:68c44b25-3c53-42a0-a898-b8e6d5ebb2e6','/feed/site/posts/published','uid 0 (root)',3,1795417589957,1795417589957,NULL,'{"id":"urn:uuid:68c44b25-3c53-42a0-a898-b8e6d5ebb2e6","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
');
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795417589969,9223372036854775807,'fa71dc0d0906f423067f5c2cc21d7bff','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795417589969,1795417589969,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
');
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795417589977,9223372036854775807,'08262c6404e11f54f7104a7af6c7582a','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795417589977,0,NULL,NULL,'uid 0 (root)',4,1795417589977,1795417589977,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
');
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795417589993,1795417594945,'dc393f88351dc314b74adadd4d9b6182','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795417589993,1795417589993,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
');
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795417590005,9223372036854775807,'5bb1d935bad78bb12f5675f31e573063','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795417590005,0,NULL,NULL,'uid 0 (root)',3,1795417590005,1795417590005,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
');
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,9223372036854775807,'1e6e231245dd5c41ca380365e2a712c2','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795417590057,1795417590057,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
');
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'1e24b5fea377a74ca1113dc35ac5a582','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795417590065,1795417590073,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
');
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'27b0a6c94eaa9a862ad4dc9d66fbdfce','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795417590080,1795417590086,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
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
) STRICT;
INSERT INTO "history" VALUES(1,1,NULL,1795417589868,'start',NULL,'missed','its time had already passed when it was first read');
INSERT INTO "history" VALUES(2,2,NULL,1795417589868,'start',NULL,'ready','added');
INSERT INTO "history" VALUES(3,3,NULL,1795417589957,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(4,3,NULL,1795417589957,'cald','ready','published',NULL);
INSERT INTO "history" VALUES(5,4,NULL,1795417589969,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(6,4,NULL,1795417589969,'cald','ready','refused','the account''s option ''answer'' says so');
INSERT INTO "history" VALUES(7,5,NULL,1795417589977,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(8,5,NULL,1795417589977,'cald','ready','sending',NULL);
INSERT INTO "history" VALUES(9,5,NULL,1795417589977,'cald','sending','unsure','the account''s option ''answer'' says so');
INSERT INTO "history" VALUES(10,6,NULL,1795417589993,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(11,6,NULL,1795417589993,'cald','ready','waiting','the account''s option ''answer'' says so');
INSERT INTO "history" VALUES(12,7,NULL,1795417590005,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(13,7,NULL,1795417590005,'cald','ready','sending',NULL);
INSERT INTO "history" VALUES(14,8,NULL,1795417590057,'uid 0 (root)',NULL,'draft','added');
INSERT INTO "history" VALUES(15,9,NULL,1795417590065,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(16,9,NULL,1795417590073,'uid 0 (root)','ready','held','held: so');
INSERT INTO "history" VALUES(17,10,NULL,1795417590080,'uid 0 (root)',NULL,'ready','added');
INSERT INTO "history" VALUES(18,10,NULL,1795417590086,'uid 0 (root)','ready','cancelled','cancelled: so');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','a78e61470da03a04233195c1e3a2ebfb 2');
INSERT INTO "note" VALUES('documents_hash','5f4f504d7f2a2b42d36958d400309f6ff0836650ddaefd41ae50f0ff93765e97');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','284a2f4846998c24');
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
INSERT INTO "note" VALUES('writable','2026-11-23T07:06:29.952Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T07:06:29.957Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:29.957Z\",\"due\":\"2026-11-23T07:06:29.957Z\",\"id\":\"published/site\",\"local\":\"2026-11-23T07:06:29+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"published\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:06:29.957Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:29.957Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795417589957);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:29.969Z\",\"due\":\"2026-11-23T07:06:29.969Z\",\"id\":\"refused/no\",\"local\":\"2026-11-23T07:06:29+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"refused\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:06:29.969Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:29.969Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795417589969);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:29.977Z\",\"due\":\"2026-11-23T07:06:29.977Z\",\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T07:06:29+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"unsure\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:06:29.977Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:29.977Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795417589977);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:29.993Z\",\"due\":\"2026-11-23T07:06:29.993Z\",\"id\":\"waiting/later\",\"local\":\"2026-11-23T07:06:29+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"waiting\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:06:29.993Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:29.993Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795417589993);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:30.005Z\",\"due\":\"2026-11-23T07:06:30.005Z\",\"id\":\"sending/stuck\",\"local\":\"2026-11-23T07:06:30+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"sending\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:06:30.005Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:30.005Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795417590005);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:30.057Z\",\"due\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"draft\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T07:06:30.057Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795417590057);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:30.065Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"held\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:30.065Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795417590065);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:06:30.080Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"post\":\"cancelled\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:06:30.080Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795417590080);
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
CREATE TRIGGER history_is_fixed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=1;
