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
INSERT INTO "account" VALUES('site',0,NULL,0,NULL,0,0,1795469337436,1,1,1,0,0,0,1,0,0,1);
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
INSERT INTO "alert" VALUES(1,'550cf6a2947229ce742e674f91061e7f',1795469337313,'missed','strict',NULL,'{"account":"strict","attempts":0,"delivery":"late/strict","event":"missed","message":"its time had already passed when it was first read","network":"null","post":"late","slot":"2026-11-23T19:28:00Z","state":"missed"}',0,0,0,0,1795469337313);
INSERT INTO "alert" VALUES(2,'48a3c527b27df88f69b4002df75292ec',1795469337443,'refused','no',NULL,'{"account":"no","attempts":1,"delivery":"refused/no","event":"refused","message":"the account''s option ''answer'' says so","network":"null","post":"refused","slot":"2026-11-23T21:28:57.443Z","state":"refused"}',0,0,0,0,1795469337443);
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
INSERT INTO "attempt" VALUES(1,3,1,1795469337436,1795469337436,'publish','local','ready','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6','publish',0,'done','post',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,4,1,1795469337443,1795469337443,'publish','local','ready','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865','publish',0,'refused','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(3,5,1,1795469337452,1795469337452,'publish','create','sending','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d','publish',0,'unsure','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(4,6,1,1795469337458,1795469337458,'publish','local','ready','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf','publish',0,'retry','post','the account''s option ''answer'' says so',NULL,NULL);
INSERT INTO "attempt" VALUES(5,7,1,1795469337461,0,'publish','create','sending','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86','POST http://127.0.0.1:36313/',0,NULL,NULL,NULL,NULL,X'7B226163636F756E74223A22737475636B222C22626F64795F68746D6C223A223C703E49742069732073656E64696E672E3C2F703E5C6E222C2263617465676F72696573223A5B5D2C226B6579223A226337666132656139396530386663323633626338333866376433623539336236222C226D65646961223A5B5D2C227061727473223A5B2249742069732073656E64696E672E225D2C22706F73745F6964223A2273656E64696E67222C22736C6F74223A22323032362D31312D32335432313A32383A35372E3436315A222C2274616773223A5B5D2C2274657874223A2249742069732073656E64696E672E222C227669736962696C697479223A227075626C6963227D');
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
INSERT INTO "delivery" VALUES(1,'late','strict','null','missed',1795462080000,9223372036854775807,'f62cba004c9c80012aff93fb3db162d7','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1','92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1',1795462080000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-ag29ffe2/calendar.yaml:4',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795469337313,1795469337313,'its time had already passed when it was first read','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(2,'far-away','site','feed','ready',2051254800000,2051254800000,'469400cea462626c42f8dd017e10e721','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda','fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda',2051254800000,0,0,'calendar',NULL,NULL,NULL,'/tmp/cald-ag29ffe2/calendar.yaml:5',0,0,0,0,0,0,0,NULL,NULL,'calendar',1,1795469337313,1795469337313,NULL,'{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(3,'published','site','feed','published',1795469337436,9223372036854775807,'5f91f47a0b39d1839484e60f4b2b3bed','858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,1795469337436,'urn:uuid:5f91f47a-0b39-4183-a484-e60f4b2b3bed','/feed/site/posts/published','uid 0 (root)',3,1795469337436,1795469337436,NULL,'{"id":"urn:uuid:5f91f47a-0b39-4183-a484-e60f4b2b3bed","url":"/feed/site/posts/published"}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(4,'refused','no','null','refused',1795469337443,9223372036854775807,'9bb9f5fc4951b2c5031306543a38f05d','69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,0,0,NULL,NULL,'uid 0 (root)',3,1795469337443,1795469337443,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(5,'unsure','doubt','null','unsure',1795469337452,9223372036854775807,'363d34f2c0082805345b2b640efb3ae4','c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,1,0,1,1,1795469337452,0,NULL,NULL,'uid 0 (root)',3,1795469337452,1795469337452,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(6,'waiting','later','null','waiting',1795469337458,1795469338841,'d725c92de27e907a5bc813cee9db44a1','8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,1,0,0,NULL,NULL,'uid 0 (root)',3,1795469337458,1795469337458,'the account''s option ''answer'' says so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(7,'sending','stuck','webhook','sending',1795469337461,9223372036854775807,'c7fa2ea99e08fc263bc838f7d3b593b6','41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,1,0,1795469337461,0,NULL,NULL,'uid 0 (root)',2,1795469337461,1795469337461,NULL,'{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(8,'draft','site','feed','draft',2051341200000,2051341200000,'8f49abe6a1b815fe2633818cd9b02101','eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,0,0,0,0,0,NULL,NULL,'uid 0 (root)',1,1795469337465,1795469337465,NULL,'{}',0,NULL,1,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(9,'held','site','feed','held',2051341200000,9223372036854775807,'d0d83be8817621671656aeda1c8da222','bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795469337466,1795469337467,'held: so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
INSERT INTO "delivery" VALUES(10,'cancelled','site','feed','cancelled',2051341200000,9223372036854775807,'a01d3497ce5a8e4bc0ddb2c655626c4f','507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1',NULL,NULL,NULL,0,'spontaneous',NULL,NULL,NULL,NULL,0,0,1,0,0,0,0,NULL,NULL,'uid 0 (root)',2,1795469337470,1795469337473,'cancelled: so','{}',0,NULL,0,NULL,NULL,0,0,0,0);
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
INSERT INTO "history" VALUES(1,1,NULL,1795469337313,'start',NULL,'missed','its time had already passed when it was first read','delivery','cald',NULL,'{"content_hash":"92608053a86a20b20d4ccddf42776aaba0afe1d7e27f38a386339c2f22fc84b1","slot":"2026-11-23T19:28:00Z"}','e04f0de2d3135ddfad404f333c7d8cac5abe024b6c65eec91821072e30a6167f');
INSERT INTO "history" VALUES(2,2,NULL,1795469337313,'start',NULL,'ready','added','delivery','cald',NULL,'{"content_hash":"fe7c5b9bc8ef40a1b465326bfe623906fb491a6ce17066f6a016d5e64e0a8cda","slot":"2035-01-01T09:00:00Z"}','8e137031cfbeaec9e11760d5f41307a8997875e3fc113b1fd419f0ee804fd9f3');
INSERT INTO "history" VALUES(3,NULL,NULL,1795469337313,'start',NULL,'in force','2 added, 0 changed, 0 moved, 0 cancelled','documents','cald',NULL,'{"hash":"8e28c6f588e36013bdc949b8120f95207e46e87f862336048297e4079a15f42f"}','3f8da810a88eb55fde7b018f25dd323afc2e9e31107806bce5c61e544e41db7a');
INSERT INTO "history" VALUES(4,3,NULL,1795469337436,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"858a67da3fabdc9b6f2d7fe0a8e39dcd7ea9bc1e96d491fadcf8359a0f5e3df6","slot":"2026-11-23T21:28:57.436Z"}','388607f97c78a909cb00384581a6ed2fd775c3d798fdc7dbc2a2d346f20f5662');
INSERT INTO "history" VALUES(5,3,NULL,1795469337436,'cald','ready','published',NULL,'delivery','cald',NULL,NULL,'08346442751f956702aa914fad62bdd017234ad870a0957848c5610114e8c083');
INSERT INTO "history" VALUES(6,4,NULL,1795469337443,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"69b7ba2f127dc7dc1e2db233ab9c1b9a99baa8338f7932fbf941ed30cd78a865","slot":"2026-11-23T21:28:57.443Z"}','9e57b45462bcd5bb738f6cb182bed4eb7df4b54ed488cdee7d32d4f4d2cea1f7');
INSERT INTO "history" VALUES(7,4,NULL,1795469337443,'cald','ready','refused','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'04d9c6d92b9784684404ef4014103de1d654ba7523329fbee809eb7658871609');
INSERT INTO "history" VALUES(8,5,NULL,1795469337452,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"c8a85e7b38a33be93dee43f3fb1fc2486a87666837003d2b81c714dca1ada30d","slot":"2026-11-23T21:28:57.452Z"}','5e3bcb397eb6af7a615b251aafb7c5c0f38980cd14fbbeba556eef73249fb3ec');
INSERT INTO "history" VALUES(9,5,NULL,1795469337452,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'3892d113fc46747cef78a1b42f7208eac0921a088ae09e7c528d168bb128f54a');
INSERT INTO "history" VALUES(10,5,NULL,1795469337452,'cald','sending','unsure','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'3ae43708801c9312ba0ce6ea7ff02ebca1f4715a585e3caff2ff58f926451219');
INSERT INTO "history" VALUES(11,6,NULL,1795469337458,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"8641c987037ddb9f0543c8b27db0ffccbab89c3b94e458ad9e207ddeb5d8acdf","slot":"2026-11-23T21:28:57.458Z"}','3dafcc9a0adfd39ade992a5a2d9902e65e47c410aafb3c520efeba39d221cf34');
INSERT INTO "history" VALUES(12,6,NULL,1795469337458,'cald','ready','waiting','the account''s option ''answer'' says so','delivery','cald',NULL,NULL,'9d1ab0110c1985a2a07f5bc9e2af5db7f7e8e5c489eaa4bc0fd51c22a9e5841a');
INSERT INTO "history" VALUES(13,7,NULL,1795469337461,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"41c29a256373cd8bb85024d8315344c2523570b8a51986154ec816ea6ca79e86","slot":"2026-11-23T21:28:57.461Z"}','420791078f4c18fcd155c3e81c3d34e11ae65877df16ccd8b4f6decc8c1d4ac9');
INSERT INTO "history" VALUES(14,7,NULL,1795469337461,'cald','ready','sending',NULL,'delivery','cald',NULL,NULL,'86e3e0980daa8959c6a188609f30e14160012a33257c108a5ccf88ed80458099');
INSERT INTO "history" VALUES(15,8,NULL,1795469337465,'uid 0 (root)',NULL,'draft','added','delivery','socket',NULL,'{"content_hash":"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7","slot":"2035-01-02T09:00:00Z"}','d6da084c72f2fc480360ca3b13c7a487948b363a538d67097857ae9234e5cbc5');
INSERT INTO "history" VALUES(16,9,NULL,1795469337466,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"bcffbf4dbb6104d05876d7ad2a4dc86bc9854e2a3b22da31769ea687ee427d33","slot":"2035-01-02T09:00:00Z"}','33e612be0bb9611cdd41289c0ecb64b508b94cd7764dc0841a805e90bdb25bb6');
INSERT INTO "history" VALUES(17,9,NULL,1795469337467,'uid 0 (root)','ready','held','held: so','delivery','socket',NULL,NULL,'710eaa38f8df1f20f79c64f24504666b6d3b6c46a877c75eadfb29a146487a27');
INSERT INTO "history" VALUES(18,10,NULL,1795469337470,'uid 0 (root)',NULL,'ready','added','delivery','socket',NULL,'{"content_hash":"507cb590464cd45336e6a7b489da78d5608ba59a01db0280efb6e3edbf05f4c1","slot":"2035-01-02T09:00:00Z"}','3829b91c3717eaa999694bb23c721834b68c8c30d7ddba26b8a5ef9e90cb16ef');
INSERT INTO "history" VALUES(19,10,NULL,1795469337473,'uid 0 (root)','ready','cancelled','cancelled: so','delivery','socket',NULL,NULL,'f23a3092c1169f6c64dee850565885974d4bddec4b29fa3d1392986952deb336');
CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "note" VALUES('instance','5797aabd52bbff828d4e02b87cdfd6b5 2');
INSERT INTO "note" VALUES('documents_hash','8e28c6f588e36013bdc949b8120f95207e46e87f862336048297e4079a15f42f');
INSERT INTO "note" VALUES('zones_hash','c4723084321a01d5abb8ca7e543feb407ce745ad71974f99e184a59436bca0d0');
INSERT INTO "note" VALUES('rules_hash','516fe9760e6c6d2b4b2e5d45d5a06cc3ed822aba1083a269b8501cd1c4a72358 1.0.0');
INSERT INTO "note" VALUES('planned_until','2027-01-22T22:00:00Z');
INSERT INTO "note" VALUES('imprint','f9c0cfc8898b2d24018bce00b0d8e3809d836548ddc936fec8d4dd8295eda84b 1795382937313');
INSERT INTO "note" VALUES('fingerprint/site','1a4d6f757664b89a');
INSERT INTO "note" VALUES('fingerprint/other','96309fa9fe1031eb');
INSERT INTO "note" VALUES('fingerprint/silent','75f3ae18aab28a90');
INSERT INTO "note" VALUES('fingerprint/no','6a8dbd59e8abcb99');
INSERT INTO "note" VALUES('fingerprint/doubt','50a612a9e346938d');
INSERT INTO "note" VALUES('fingerprint/later','96d358935e0955c3');
INSERT INTO "note" VALUES('fingerprint/stuck','aff9487291956a91');
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
INSERT INTO "note" VALUES('writable','2026-11-23T21:28:57.430Z');
INSERT INTO "note" VALUES('newest_instant','2026-11-23T21:28:57.436Z');
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;
INSERT INTO "replay" VALUES('key-of-published','uid 0 (root)','8739799c52f172e685fc2c855102715c3b5380157cf5c83daa3e90636fc59f07',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is published.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.436Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T21:28:57.436Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"published/site\",\"local\":\"2026-11-23T21:28:57+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"published\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T21:28:57.436Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.436Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"published\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/published"},"type":"application/json"}',1795469337436);
INSERT INTO "replay" VALUES('key-of-refused','uid 0 (root)','e71690ed22d447f7efc8b2f80b1de2ca75f9c111fe9be35f3ef8839483ed5bd0',201,'{"body":"{\"deliveries\":[{\"account\":\"no\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is refused.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.443Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T21:28:57.443Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"refused/no\",\"local\":\"2026-11-23T21:28:57+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"refused\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T21:28:57.443Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.443Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"refused\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/refused"},"type":"application/json"}',1795469337443);
INSERT INTO "replay" VALUES('key-of-unsure','uid 0 (root)','365948fae71ee831337f332c2c94289f6beaebd5b9fa78b4c0130f37966cfdaf',201,'{"body":"{\"deliveries\":[{\"account\":\"doubt\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is unsure.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.452Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T21:28:57.452Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"unsure/doubt\",\"local\":\"2026-11-23T21:28:57+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"unsure\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T21:28:57.452Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.452Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"unsure\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/unsure"},"type":"application/json"}',1795469337452);
INSERT INTO "replay" VALUES('key-of-waiting','uid 0 (root)','faa8fdd93ae001ccdd0262e00ca8bca94cf5ff9e71e6eca3273272e0d0d6c398',201,'{"body":"{\"deliveries\":[{\"account\":\"later\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is waiting.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.458Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T21:28:57.458Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"waiting/later\",\"local\":\"2026-11-23T21:28:57+00:00\",\"message\":null,\"network\":\"null\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"waiting\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T21:28:57.458Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.458Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"waiting\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/waiting"},"type":"application/json"}',1795469337458);
INSERT INTO "replay" VALUES('key-of-sending','uid 0 (root)','ac845973e711efc3f00b167d7e030ecec76c60f1edb19bdfb9d838cd4e24bdcf',201,'{"body":"{\"deliveries\":[{\"account\":\"stuck\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is sending.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.461Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2026-11-23T21:28:57.461Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"sending/stuck\",\"local\":\"2026-11-23T21:28:57+00:00\",\"message\":null,\"network\":\"webhook\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"sending\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2026-11-23T21:28:57.461Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.461Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"sending\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/sending"},"type":"application/json"}',1795469337461);
INSERT INTO "replay" VALUES('key-of-draft','uid 0 (root)','3e23d3f9e406ddf15740d0bb54d20aac0649b2db02203fee06db7661332d230a',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":{\"approved\":false,\"content_hash\":\"eea3c3a1f436ad4fc67ca6f4357f138e116f7c7a49865545efd4b701e85fe5a7\",\"needed\":true,\"review\":null,\"said\":[],\"waits_for\":\"an editor\",\"wants\":\"an editor\"},\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is draft.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.465Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"draft/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"draft\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"draft\",\"updated\":\"2026-11-23T21:28:57.465Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"draft\",\"state\":\"draft\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/draft"},"type":"application/json"}',1795469337465);
INSERT INTO "replay" VALUES('key-of-held','uid 0 (root)','913883dc56f435c4ea4ee172ed866bcb74c8688efcb2573923b085de84aa3c1f',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is held.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.466Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"held/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"held\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.466Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"held\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/held"},"type":"application/json"}',1795469337466);
INSERT INTO "replay" VALUES('key-of-cancelled','uid 0 (root)','4466f2393c2588d08959d8ad0e6a62052bea9d6fc9e718f28875202e816efd82',201,'{"body":"{\"deliveries\":[{\"account\":\"site\",\"approval\":null,\"attempts\":0,\"author\":\"uid 0 (root)\",\"bucket\":null,\"campaign\":null,\"content\":{\"parts\":[{\"text\":\"It is cancelled.\"}],\"visibility\":\"public\"},\"cost\":0,\"created\":\"2026-11-23T21:28:57.470Z\",\"deleted\":null,\"deleting\":null,\"due\":\"2035-01-02T09:00:00Z\",\"edit\":null,\"edited\":null,\"editing\":null,\"id\":\"cancelled/site\",\"local\":\"2035-01-02T09:00:00+00:00\",\"message\":null,\"network\":\"feed\",\"origin\":\"spontaneous\",\"overridden\":false,\"overrides\":[],\"post\":\"cancelled\",\"publish_late\":false,\"published\":null,\"remote_id\":null,\"series\":null,\"slot\":\"2035-01-02T09:00:00Z\",\"slot_name\":null,\"source\":null,\"state\":\"ready\",\"updated\":\"2026-11-23T21:28:57.470Z\",\"url\":null,\"version\":1}],\"findings\":[],\"id\":\"cancelled\",\"state\":\"ready\"}","headers":{"ETag":"\"1\"","Location":"/v1/posts/cancelled"},"type":"application/json"}',1795469337470);
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
CREATE INDEX delivery_slotted ON delivery (slot, state) WHERE slot_name IS NOT NULL;
CREATE INDEX delivery_series ON delivery (series, slot, post_id, account) WHERE series IS NOT NULL;
CREATE INDEX delivery_deleting ON delivery (account, deleting) WHERE deleting > 0;
CREATE INDEX delivery_deleted ON delivery (account, deleted) WHERE deleted > 0;
CREATE INDEX delivery_editing ON delivery (account, editing) WHERE editing > 0;
CREATE INDEX delivery_edited ON delivery (account, edited) WHERE edited > 0;
CREATE TRIGGER content_stays BEFORE DELETE ON content
BEGIN SELECT RAISE(ABORT, 'a content is never deleted'); END;
CREATE INDEX delivery_open ON delivery (base_slot) WHERE published = 0;
COMMIT;
PRAGMA application_id=1667329124;
PRAGMA user_version=10;
