// An OAuth 2 server (oidc-provider) where X has its own: same addresses and scopes, PKCE required, refresh tokens good for
// one use. Behind it the little of X's API that a login and a text need. Environment: MODULES, PORT, STATE (directory),
// LIFE (seconds of an access token).
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { MODULES, PORT, STATE, LIFE } = process.env;
const { default: Provider } = await import(pathToFileURL(createRequire(path.join(MODULES, 'x.js')).resolve('oidc-provider')));
const url = `http://127.0.0.1:${PORT}`, scopes = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];

const provider = new Provider(url, {
  clients: [{
    client_id: 'clientid0', client_secret: 'client-secret-000', application_type: 'native', response_types: ['code'],
    redirect_uris: ['http://127.0.0.1:8414/'], grant_types: ['authorization_code', 'refresh_token'], scope: scopes.join(' '),
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  scopes,
  pkce: { required: () => true },
  routes: { authorization: '/i/oauth2/authorize', token: '/2/oauth2/token', revocation: '/2/oauth2/revoke' },
  features: { revocation: { enabled: true } },
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline.access'),
  rotateRefreshToken: true,
  ttl: { AccessToken: Number(LIFE), RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 3600, AuthorizationCode: 60 },
  cookies: { keys: ['of no importance'] },
});

const note = what => fs.appendFileSync(path.join(STATE, 'events'), JSON.stringify(what) + '\n');
const grants = new Map(); // of access tokens; the API takes them also when their time is over: only cald is to look at that
provider.on('access_token.saved', token => grants.set(token.jti, token.grantId));
provider.on('grant.success', ctx => note({ grant: ctx.oidc.params.grant_type }));
provider.on('grant.error', (ctx, error) => note({ error: error.error, why: error.error_detail || error.error_description }));
provider.on('grant.revoked', (_, id) => {
  for (const [token, grant] of grants) if (grant === id) grants.delete(token);
  note({ revoked: id });
});

const posts = [];
async function api(ctx, next) {
  if (!ctx.path.startsWith('/2/') || ctx.path.startsWith('/2/oauth2/')) return next();
  if (!grants.has((ctx.get('authorization') || '').replace(/^Bearer /, ''))) {
    ctx.status = 401;
    ctx.body = { title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' };
  } else if (ctx.path === '/2/users/me') {
    ctx.body = { data: { id: '42', username: 'chalet' } };
  } else if (ctx.path === '/2/tweets') {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const { text } = JSON.parse(Buffer.concat(chunks));
    posts.push(text);
    note({ post: text });
    ctx.status = 201;
    ctx.body = { data: { id: String(1000 + posts.length), text } };
  } else {
    ctx.status = 404;
    ctx.body = { title: 'Not Found', type: 'about:blank', status: 404 };
  }
}
provider.use(api);
provider.listen(Number(PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
