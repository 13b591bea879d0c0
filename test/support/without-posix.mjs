/**
 * Preloaded into a process: what Windows lacks fails here as it does there. Paths keep their slashes. Calls of macOS are
 * a superset of these.
 */

import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

Object.defineProperty(process, 'platform', { value: 'win32' });
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups', 'setuid', 'setgid', 'umask'])
  delete process[name];

const refuse = (code, what) => Object.assign(new Error(`${code}: ${what} is POSIX`), { code });

const isPosixPath = (path) => typeof path === 'string' && /^\/(?:proc|sys|dev|etc)\//.test(path);

const { open, readFile } = fs.promises;
const { readFileSync } = fs;

Object.assign(fs.promises, {
  /** Folders can be opened, but not synced. */
  async open(path, ...rest) {
    if (isPosixPath(path)) throw refuse('ENOENT', path);
    const file = await open(path, ...rest);
    if ((await file.stat()).isDirectory()) {
      file.sync = () => Promise.reject(refuse('EPERM', `fsync of ${String(path)}`));
    }
    return file;
  },
  async readFile(path, ...rest) {
    if (isPosixPath(path)) throw refuse('ENOENT', path);
    return readFile(path, ...rest);
  },
  symlink: () => Promise.reject(refuse('EPERM', 'symlink')),
});

Object.assign(fs, {
  readFileSync(path, ...rest) {
    if (isPosixPath(path)) throw refuse('ENOENT', path);
    return readFileSync(path, ...rest);
  },
});

const refuseProgram = (file) => {
  throw refuse('ENOENT', `the program ${file}`);
};
const starters = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'];
Object.assign(childProcess, Object.fromEntries(starters.map((name) => [name, refuseProgram])));

const { connect } = net.Socket.prototype;
Object.assign(net.Socket.prototype, {
  connect(...args) {
    const [first] = Array.isArray(args[0]) ? args[0] : args;
    if (typeof first === 'string' || typeof first?.path === 'string') throw refuse('EACCES', 'a unix socket');
    return Reflect.apply(connect, this, args);
  },
});

syncBuiltinESMExports();
