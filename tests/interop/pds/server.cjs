// The reference Bluesky PDS with a PLC directory in the same process, both on loopback only.
// Environment: PDS_PORT, PDS_* of the PDS itself, STATE (directory), MODULES (where npm installed).
const fs = require('fs'), net = require('net'), path = require('path');

const load = name => require(require.resolve(name, { paths: [process.env.MODULES] }));
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  if (typeof port !== 'number') return listen.call(this, port, ...rest);
  return listen.call(this, { port, host: '127.0.0.1' }, rest.find(r => typeof r === 'function'));
};

// The directory forgets at exit; its operations are written down and played again at the next start.
async function directory(state) {
  const plc = load('@did-plc/server'), file = path.join(state, 'plc.jsonl'), db = new plc.MockDatabase();
  const apply = db.validateAndAddOp.bind(db);
  const known = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  for (const line of known) { const { did, op } = JSON.parse(line); await apply(did, op); }
  db.validateAndAddOp = async (did, op) => {
    await apply(did, op);
    fs.appendFileSync(file, JSON.stringify({ did, op }) + '\n');
  };
  const server = plc.PlcServer.create({ db, port: 0 });
  return (await server.start()).address().port;
}

async function main() {
  const state = process.env.STATE;
  for (const d of ['data', 'blobs', 'blobs-tmp']) fs.mkdirSync(path.join(state, d), { recursive: true });
  Object.assign(process.env, {
    PDS_HOSTNAME: 'localhost', PDS_DEV_MODE: 'true', PDS_INVITE_REQUIRED: 'false', PDS_ADMIN_PASSWORD: 'admin',
    PDS_DATA_DIRECTORY: path.join(state, 'data'), PDS_BLOBSTORE_DISK_LOCATION: path.join(state, 'blobs'),
    PDS_BLOBSTORE_DISK_TMP_LOCATION: path.join(state, 'blobs-tmp'), PDS_JWT_SECRET: '11'.repeat(16),
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: '22'.repeat(32), PDS_DISABLE_SSRF_PROTECTION: 'true',
    PDS_DID_PLC_URL: 'http://127.0.0.1:' + await directory(state),
  });
  const { PDS, readEnv, envToCfg, envToSecrets } = load('@atproto/pds');
  const env = readEnv(), pds = await PDS.create(envToCfg(env), envToSecrets(env));
  await pds.start();
  process.on('SIGTERM', () => process.exit(0));
}

main().catch(e => { console.error(e); process.exit(1); });
