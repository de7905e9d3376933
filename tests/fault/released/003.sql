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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795420479553);
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
INSERT INTO "alert" VALUES(1,'94a6d36225160fc7c555cbc7169d8585',1795420479403,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T05:54:00Z","state":"missed"}',0,0,0,0,1795420479403);
INSERT INTO "alert" VALUES(2,'2cc66518fc84b904e68684c9e27b4ebe',1795420479577,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T07:54:39.577Z","state":"refused"}',0,0,0,0,1795420479577);
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
INSERT INTO "attempt" VALUES(1,3,1,1795420479553,1795420479553,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795420479577,1795420479577,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795420479609,1795420479609,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795420479633,1795420479633,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795420479653,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:44441/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A226562656335373035323438623237383065336265386236343232623731613832222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335430373A35343A33392E3635335A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
    folded       TEXT    NOT NULL, released INTEGER NOT NULL DEFAULT 0,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795413240000,9223372036854775807,'7d1b33cba59a0bba6129331bcd510705','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795413240000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-vymnlb0m/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795420479403,1795420479403,'its time had already passed when it was first read','{}','{"parts":[{"text":"Too late."}],"visibility":"public"}','late
too late.
',0);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'1c74935b40a532e7ff7015df1e5e14aa','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-vymnlb0m/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795420479403,1795420479403,NULL,'{}','{"parts":[{"text":"Far away."}],"visibility":"public"}','far-away
far away.
',0);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795420479553,9223372036854775807,'1f3dc17b661dfa84e5989892bc764b4b','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795420479553,'urn:uuid:1f3dc17b-661d-4a84-a598-9892bc764b4b','/feed/site/posts/published','uid 0 (root)',3,1795420479553,1795420479553,NULL,'{"id":"urn:uuid:1f3dc17b-661d-4a84-a598-9892bc764b4b","url":"/feed/site/posts/published"}','{"parts":[{"text":"It is published."}],"visibility":"public"}','published
it is published.
',0);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795420479577,9223372036854775807,'b26cc3ad5dac96cb224a6b18d5fb04b3','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795420479577,1795420479577,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is refused."}],"visibility":"public"}','refused
it is refused.
',0);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795420479609,9223372036854775807,'4b226cb01834f618039de2fbd7c6ee2f','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795420479609,0,NULL,NULL,'uid 0 (root)',4,1795420479609,1795420479609,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is unsure."}],"visibility":"public"}','unsure
it is unsure.
',0);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795420479633,1795420481452,'224ece6eabd03a583fa44add766151ed','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795420479633,1795420479633,'the account''s option ''answer'' says so','{}','{"parts":[{"text":"It is waiting."}],"visibility":"public"}','waiting
it is waiting.
',0);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795420479653,9223372036854775807,'ebec5705248b2780e3be8b6422b71a82','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795420479653,0,NULL,NULL,'uid 0 (root)',3,1795420479653,1795420479653,NULL,'{}','{"parts":[{"text":"It is sending."}],"visibility":"public"}','sending
it is sending.
',0);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,9223372036854775807,'d2602d7d8b656941fe7b841df5a18145','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795420479669,1795420479669,NULL,'{}','{"parts":[{"text":"It is draft."}],"visibility":"public"}','draft
it is draft.
',0);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'fb6fd6af2d173ea7d8d64fc4490ccbd5','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795420479682,1795420479694,'held: so','{}','{"parts":[{"text":"It is held."}],"visibility":"public"}','held
it is held.
',0);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'1fd50f22e55219a278f52b5d6f7cb55e','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795420479706,1795420479718,'cancelled: so','{}','{"parts":[{"text":"It is cancelled."}],"visibility":"public"}','cancelled
it is cancelled.
',0);
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
INSERT INTO "history" VALUES(1,1,NULL,1795420479403,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T05:54:00Z"}','d112dcc2329662971b9a401c372dd79d800b5e594377c265a7da096ebeba7223');
INSERT INTO "history" VALUES(2,2,NULL,1795420479403,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','6367816d58ed1ecdae73927dfebb78b23df97134d95a324fe08f10eb26418685');
INSERT INTO "history" VALUES(3,NULL,NULL,1795420479403,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"cca87189e089b8f77ec5c7945e14a235300dbed0feddee303b3ede2d60a2c972"}','73050dd4b36f00ea21f6cb15b33ce52e489a7c613655eba50a365081ab657295');
INSERT INTO "history" VALUES(4,3,NULL,1795420479553,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T07:54:39.553Z"}','720448e5ca2b6ecf3f1469ebef2c153dd6c115585da192da23341ba98ed03038');
INSERT INTO "history" VALUES(5,3,NULL,1795420479553,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'c13dc2d2ee16180f47a372800cc2d56b1116761274ff0fe054baee55e6d6abbd');
INSERT INTO "history" VALUES(6,4,NULL,1795420479577,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T07:54:39.577Z"}','0c329b6479ab69f800dbf99847b5078d802c727e41133fed32c5b84e07a0296b');
INSERT INTO "history" VALUES(7,4,NULL,1795420479577,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'8f007841622ae9cbc0e880705f12a20fd2d9fab86c4b0e414bcb6b41d357f87f');
INSERT INTO "history" VALUES(8,5,NULL,1795420479609,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T07:54:39.609Z"}','57d3ab6abb7e40a4077ff06161cba753b08dfce00815ebf6d5131a83944a7ff1');
INSERT INTO "history" VALUES(9,5,NULL,1795420479609,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'621e754d4a3dea7531a21840901ccefdabc7ae0c280e41d65cfeac4337065282');
INSERT INTO "history" VALUES(10,5,NULL,1795420479609,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'fec959d3c616196c396ba1d88b89ebc8c76160b6fd48f45a968e722635204b28');
INSERT INTO "history" VALUES(11,6,NULL,1795420479633,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T07:54:39.633Z"}','964aad24b7f1a5b10730cc8884f6c1d851de4281eaa1596c78b779bd6440be8e');
INSERT INTO "history" VALUES(12,6,NULL,1795420479633,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'3b2dccd8e149667df284ffa3a0c5e5d4c54423444c884eb822998db7b8e118fc');
INSERT INTO "history" VALUES(13,7,NULL,1795420479653,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T07:54:39.653Z"}','40219e2ab56d53a00e40b9c4283770878f93314d97be840b105c24e4a68731d2');
INSERT INTO "history" VALUES(14,7,NULL,1795420479653,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'d862d612124e660ff70aebf729eae9d71815714479f157413bbd2194eb321922');
INSERT INTO "history" VALUES(15,8,NULL,1795420479669,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','b88b5dfc40f9585d8ecdf0783965dd4c22c61613dffd4caf3f15056a241442d1');
INSERT INTO "history" VALUES(16,9,NULL,1795420479682,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','18690de7947785af922fe54149d02934ff91508f67b9c59cddc052fe613ba56c');
INSERT INTO "history" VALUES(17,9,NULL,1795420479694,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'cd265582e12c5b9f026408ac9293c5653001f3f075d74005c93f36d0b2f6d548');
INSERT INTO "history" VALUES(18,10,NULL,1795420479706,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','801b1c7a39e8ff73cb192e427a06fac51e9dea9e5977d74d3721aef7c0e77faf');
INSERT INTO "history" VALUES(19,10,NULL,1795420479718,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'6332646b4e1a14d5c2ea3acb309d8a29765d1ee73973193712970ca017af523a');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','79914eaff9291038d3fe7de8af440aca 2');
INSERT INTO "note" VALUES('documents_hash','cca87189e089b8f77ec5c7945e14a235300dbed0feddee303b3ede2d60a2c972');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','012f44f111f8b07b');
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
INSERT INTO "note" VALUES('writable','2026-11-23T07:54:39.533Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T07:54:39.553Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.553Z\",\"due\":\"2026-11-23T07:54:39.553Z\",\"id\":\"published/site\",\"local\":\"2026-11-23T07:54:39+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:54:39.553Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.553Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795420479553);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.577Z\",\"due\":\"2026-11-23T07:54:39.577Z\",\"id\":\"refused/no\",\"local\":\"2026-11-23T07:54:39+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:54:39.577Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.577Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795420479577);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.609Z\",\"due\":\"2026-11-23T07:54:39.609Z\",\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T07:54:39+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:54:39.609Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.609Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795420479609);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.633Z\",\"due\":\"2026-11-23T07:54:39.633Z\",\"id\":\"waiting/later\",\"local\":\"2026-11-23T07:54:39+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:54:39.633Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.633Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795420479633);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.653Z\",\"due\":\"2026-11-23T07:54:39.653Z\",\"id\":\"sending/stuck\",\"local\":\"2026-11-23T07:54:39+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T07:54:39.653Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.653Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795420479653);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.669Z\",\"due\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T07:54:39.669Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795420479669);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.682Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.682Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795420479682);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"created\":\"2026-11-23T07:54:39.706Z\",\"due\":\"2035-01-02T09:00:00Z\",\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T07:54:39.706Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795420479706);
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
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=3;
