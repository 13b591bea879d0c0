/**
 * passbridge under PM2: `pm2 start current/ecosystem.config.cjs` in the folder that holds `.env` and `programs.yaml`, or
 * `ecosystem.config.cjs` of a checkout. A reload loses nothing: the web role keeps answering, and each worker finishes its
 * calls before it stops.
 */

const { existsSync, readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { parseEnv } = require('node:util');

const dotEnv = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
/** Milliseconds; the same default as in passbridge. */
const grace = Number(process.env.SHUTDOWN_GRACE_MS || dotEnv.SHUTDOWN_GRACE_MS || 15_000);

/**
 * The link beside `releases` if this is a release, see docs/deployment.md: PM2 keeps the path of the script, so only
 * through the link does a reload start another release. Node resolves it once, when the process starts.
 */
const link = join(__dirname, '..', '..', 'current');
const isRelease = basename(dirname(__dirname)) === 'releases' && existsSync(link);
const installed = isRelease ? link : __dirname;

/** Returns the PM2 app for a role. */
const role = (name, more) => ({
  name: `passbridge-${name}`,
  script: join(installed, 'dist', 'main.js'),
  args: `up --role ${name}`,
  instances: 1,
  exec_mode: 'fork',
  // passbridge reports when it is ready. A private Redis may take long to load a large append-only file.
  wait_ready: true,
  listen_timeout: 60_000,
  // After the grace period passbridge still closes its connection to Redis.
  kill_timeout: grace + 10_000,
  // The private Redis is a child of the process that started first, and serves the others as well.
  treekill: false,
  // Of a range each process takes the first port that is free.
  env: { METRICS_PORT: process.env.METRICS_PORT || dotEnv.METRICS_PORT || '9400-9499' },
  // Restarts with exponential backoff if it cannot start.
  exp_backoff_restart_delay: 100,
  // Lines are JSON with a timestamp. `pm2 install pm2-logrotate` limits the size of the logs.
  merge_logs: true,
  ...more,
});

module.exports = {
  apps: [
    // Cluster mode shares the port, so a reload starts the new process before the old one stops.
    role('web', { exec_mode: 'cluster' }),
    // Any number: the limit on calls holds over all workers.
    role('worker', { instances: 2 }),
    role('feeder'),
  ],
};
