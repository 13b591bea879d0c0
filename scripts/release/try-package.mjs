/** Installs a tarball as a user would, from an empty folder with an empty cache, and runs its first commands. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Generous: a release may be made on a busy machine. */
const TIMEOUT_MS = 180_000;

const COMPLAINT = /warn|deprecat|EBADENGINE|vulnerab/i;

/**
 * Returns a line about the figures of the package on one version of Node, which is installed from npm.
 *
 * @param {string} tarball
 * @param {{ major: number, version: string }} expected
 */
export async function tryPackage(tarball, { major, version }) {
  const work = await mkdtemp(join(tmpdir(), 'passbridge-release-'));
  try {
    const node = await installNode(major, work);
    const installed = await installPackage(tarball, { node, work });
    const { run, sizeMb } = installed;
    expectOutput(await run('--version'), 0, version);
    expectOutput(await run('--help'), 0, 'Usage: passbridge');
    expectOutput(await run('demo', '--once'), 1, '293 cards made, 293 of them saved to their customers');
    await firstRun(installed);
    return `Node ${major}: installed ${sizeMb} MB without a warning; --version, --help, demo, init and a dry run work`;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Installs the latest release of a major version from npm's packages of Node; returns the path of its binary. */
async function installNode(/** @type {number} */ major, /** @type {string} */ work) {
  const name = `node-${platform()}-${arch()}`;
  const folder = join(work, 'node');
  await mkdir(folder);
  const npm = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${major}`];
  expectOutput(await execute('npm', npm, { cwd: folder }), 0, '');
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/**
 * Installs a tarball globally into an empty prefix. Throws if npm prints a warning.
 *
 * @param {string} tarball
 * @param {{ node: string, work: string }} options `node`: path of the binary; `work`: a folder for all files
 */
export async function installPackage(tarball, { node, work }) {
  const folder = join(work, 'cwd');
  const prefix = join(work, 'prefix');
  const home = join(work, 'home');
  for (const path of [folder, prefix, home]) await mkdir(path);
  const path = [join(prefix, 'bin'), dirname(node), process.env['PATH']].join(delimiter);
  const proxies = Object.entries(process.env).filter(([name]) => /^(?:https?|no)_proxy$/i.test(name));
  const env = { ...Object.fromEntries(proxies), PATH: path, HOME: home };
  const npm = ['install', '--global', '--prefix', prefix, '--cache', join(work, 'cache'), tarball];
  const installed = await execute('npm', npm, { cwd: folder, env });
  expectOutput(installed, 0, 'added 1 package');
  if (COMPLAINT.test(installed.output))
    throw new Error(`npm complains about the package:\n${installed.output}`);
  const { output: size } = await execute('du', ['-sm', prefix], { cwd: folder });
  return {
    folder,
    /** The folder of the installed package. */
    root: join(prefix, 'lib', 'node_modules', 'passbridge'),
    sizeMb: Number.parseInt(size, 10),
    env,
    /** Runs `passbridge` in the empty folder. */
    run: (/** @type {string[]} */ ...args) => execute('passbridge', args, { cwd: folder, env }),
  };
}

/**
 * Goes from an empty folder to a preview of a campaign, against the sandbox of the package.
 *
 * @param {Awaited<ReturnType<typeof installPackage>>} installed
 */
async function firstRun({ folder, env, root, run }) {
  const sandbox = spawn('passbridge', ['sandbox', '--port', '0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(sandbox, 'close');
  const deadline = setTimeout(() => sandbox.kill('SIGKILL'), TIMEOUT_MS);
  try {
    const answers = ['--card', 'loyalty', '--template-id', 't-1'];
    for await (const line of createInterface(sandbox.stdout)) {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined)
        answers.push(`--${name.toLowerCase().replaceAll('_', '-')}`, value);
      if (line.includes('Ctrl-C stops the sandbox')) break;
    }
    expectOutput(await run('init', ...answers), 0, 'Wrote .env');
    await copyFile(join(root, 'examples', 'cards', 'loyalty.csv'), join(folder, 'export.csv'));
    expectOutput(await run('issue', 'loyalty', 'export.csv', '--dry-run'), 0, 'Nothing was sent.');
  } finally {
    clearTimeout(deadline);
    sandbox.kill('SIGINT');
    await ended;
  }
}

/**
 * @param {{ code: number, output: string }} ended
 * @param {number} code
 * @param {string} text
 */
function expectOutput(ended, code, text) {
  if (ended.code !== code || !ended.output.includes(text))
    throw new Error(`expected exit code ${code} and "${text}", got ${ended.code} and:\n${ended.output}`);
  if (/\(node:\d+\)/.test(ended.output)) throw new Error(`Node prints a warning:\n${ended.output}`);
}

/**
 * Runs a command to its end; returns its exit code and all that it printed. Throws if it cannot be started or takes too
 * long.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').ExecFileOptions} options
 * @returns {Promise<{ code: number, output: string }>}
 */
function execute(file, args, options) {
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...options, timeout: TIMEOUT_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}
