// Ghost as it is installed, with two things changed: its database driver, and that it reaches nobody but this machine.
// Environment: MODULES (where Ghost is), SQLITE (where better-sqlite3 is), STATE (directory), and Ghost's own settings.
const dns = require('dns'), fs = require('fs'), Module = require('module'), net = require('net'), path = require('path');

// The interface of 'sqlite3', as far as Knex uses it, on the better-sqlite3 that is compiled for the PDS anyway.
const Sqlite = require(process.env.SQLITE);
const value = v => v === undefined ? null : v instanceof Date ? BigInt(v.getTime())
  : typeof v === 'boolean' || Number.isInteger(v) ? BigInt(v) : v;

class Database {
  constructor(file, ...rest) {
    this.db = new Sqlite(file);
    this.db.pragma('synchronous = OFF');
    process.nextTick(rest.pop(), null);
  }
  ask(sql, values) {
    const query = this.db.prepare(sql.replace(/= ?"(table|index)"/g, "= '$1'")); // it takes no text in double quotes
    if (query.reader) return { rows: query.all(values.map(value)) };
    const done = query.run(values.map(value));
    return { rows: [], lastID: Number(done.lastInsertRowid), changes: done.changes };
  }
  all(sql, values, done) {
    if (typeof values === 'function') [values, done] = [[], values];
    let error = null, result = {};
    try { result = this.ask(sql, values || []); } catch (e) {
      const constraint = String(e.code).startsWith('SQLITE_CONSTRAINT');
      error = Object.assign(e, constraint ? { errno: 19, code: 'SQLITE_CONSTRAINT' } : { errno: e.code === 'SQLITE_BUSY' ? 5 : 1 });
    }
    if (done) process.nextTick(() => done.call(result, error, result.rows));
  }
  run(...args) { this.all(...args); }
  close(done) { this.db.close(); if (done) process.nextTick(done, null); }
  on() {}
}

const load = Module._load;
Module._load = function (name, ...rest) { return name === 'sqlite3' ? { Database } : load.call(this, name, ...rest); };

const near = host => ['127.0.0.1', 'localhost', '::1'].includes(host);
function refuse(host) {
  fs.appendFileSync(path.join(process.env.STATE, 'outgoing'), host + '\n');
  return new Error(`${host} is not this machine`);
}

const { lookup } = dns;
dns.lookup = function (host, ...rest) {
  if (near(host)) return lookup.call(this, host, ...rest);
  process.nextTick(rest.pop(), refuse(host));
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const to = Array.isArray(args[0]) ? args[0][0] : args[0], host = to && typeof to === 'object' && !to.path && to.host;
  if (!host || near(host)) return connect.apply(this, args);
  const error = refuse(host);
  process.nextTick(() => this.destroy(error));
  return this;
};

process.chdir(process.env.MODULES);
process.on('SIGTERM', () => process.exit(0));
require(path.join(process.env.MODULES, 'core/boot.js'))();
