/**
 * passbridge under PM2: `pm2 start ecosystem.config.cjs` in the folder that holds `.env` and `programs.yaml`.
 * A reload loses nothing: the web role answers all along, and each worker finishes its calls before it goes.
 */

const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseEnv } = require('node:util');

const dotEnv = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
/** Milliseconds, as the program itself reads them. */
const grace = Number(process.env.SHUTDOWN_GRACE_MS || dotEnv.SHUTDOWN_GRACE_MS || 15_000);

/** An app of one role. */
const role = (name, more) => ({
  name: `passbridge-${name}`,
  script: join(__dirname, 'dist', 'main.js'),
  args: `up --role ${name}`,
  instances: 1,
  exec_mode: 'fork',
  // The program says when it works; a private Redis that replays a large file takes its time.
  wait_ready: true,
  listen_timeout: 60_000,
  // Killed only when it is late by its own measure; Redis is let go of after that.
  kill_timeout: grace + 10_000,
  // A private Redis is a child of whoever came first and serves the others, too.
  treekill: false,
  // Restarts soon after the first end, and ever more rarely while it cannot start.
  exp_backoff_restart_delay: 100,
  // Lines are JSON and bear their time. `pm2 install pm2-logrotate` keeps them small.
  merge_logs: true,
  ...more,
});

module.exports = {
  apps: [
    // Cluster mode for the sake of the port: a reload starts the new process before the old one leaves.
    role('web', { exec_mode: 'cluster' }),
    // Any number: the limit on calls holds over all of them.
    role('worker', { instances: 2 }),
    role('feeder'),
  ],
};
