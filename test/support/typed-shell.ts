/** A user's shell in an empty folder: `passbridge` is installed there, and npx finds it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import { makeWorkspace } from './cli.ts';

interface Typing {
  /** Texts of the page that stand for something of the user's, and what to type instead. */
  fillIn?: Readonly<Record<string, string>>;
  /** What stdin holds; `answers` are typed at a terminal instead, one per question. */
  input?: string;
  answers?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** `isConfigured`: the environment has the settings of a sandbox. */
export async function openTypedShell({
  isConfigured = true,
  ...options
}: SandboxOptions & { isConfigured?: boolean }) {
  const workspace = await makeWorkspace(options);
  const { folder, env, sandbox } = workspace;
  const bin = join(folder, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  const main = resolve('dist/main.js');
  await chmod(main, 0o755);
  await symlink(main, join(bin, 'passbridge'));
  const names = ['HOME', 'DATA_DIR', 'STORE_MARK_DIR', 'QUEUE_PREFIX', 'WRITEBACK_MAX_WAIT_MS'];
  const own = isConfigured ? { ...env, PROGRAMS_FILE: undefined, PORT: undefined } : pick(env, names);
  const path = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);

  /** Runs commands as printed; resolves with the exit code of the last one. */
  const type = async (printed: string, { fillIn = {}, input = '', answers, env: more = {} }: Typing = {}) => {
    let commands = printed;
    for (const [text, meant] of Object.entries(fillIn)) {
      expect(commands).toContain(text);
      commands = commands.replaceAll(text, meant);
    }
    // `script` (util-linux) gives the command a terminal.
    const words = answers === undefined ? ['sh', '-c', commands] : ['script', '-qefc', commands, '/dev/null'];
    const [file = '', ...args] = words;
    const child = spawn(file, args, { cwd: folder, env: { ...own, PATH: path, ...more } });
    let output = '';
    const left = [...(answers ?? [])];
    const answered = new Set<string>();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [question] = /[^\n]+: $/.exec(stripVTControlCharacters(output)) ?? [];
      if (question === undefined || answered.has(question) || left.length === 0) return;
      answered.add(question);
      child.stdin.write(`${left.shift()}\r`);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    if (answers === undefined) child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };

  return { ...workspace, type, settings: settingsFor(sandbox) };
}

function pick(env: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}
