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

/** Folders can be opened, but not synced. */
const openFile = fs.promises.open;
fs.promises.open = async (path, ...rest) => {
  if (isPosixPath(path)) throw refuse('ENOENT', path);
  const file = await openFile(path, ...rest);
  if ((await file.stat()).isDirectory())
    file.sync = () => Promise.reject(refuse('EPERM', `fsync of ${path}`));
  return file;
};

const readFile = fs.promises.readFile;
fs.promises.readFile = async (path, ...rest) => {
  if (isPosixPath(path)) throw refuse('ENOENT', path);
  return readFile(path, ...rest);
};

const readFileSync = fs.readFileSync;
fs.readFileSync = (path, ...rest) => {
  if (isPosixPath(path)) throw refuse('ENOENT', path);
  return readFileSync(path, ...rest);
};

fs.promises.symlink = () => Promise.reject(refuse('EPERM', 'symlink'));

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
  childProcess[name] = (file) => {
    throw refuse('ENOENT', `the program ${file}`);
  };

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectByAddress(...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'string' || typeof first?.path === 'string') throw refuse('EACCES', 'a unix socket');
  return connect.apply(this, args);
};

syncBuiltinESMExports();
