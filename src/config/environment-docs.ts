/** `.env.example`, `docs/configuration.md` and a newcomer's `.env`, made from the table of settings. A test holds the files fresh. */

import { chapters } from './environment.ts';
import type { Setting } from './setting.ts';

type Chapter = [title: string, settings: [name: string, setting: Setting<unknown>][]];

function contents(): Chapter[] {
  return Object.entries(chapters).map(([title, settings]) => [title, Object.entries(settings)]);
}

/** The text of `.env.example`: every setting commented out with its default. */
export function envExample(): string {
  return envText(
    '# Copy to .env and uncomment what you change. docs/configuration.md holds the same as tables.',
    {},
  );
}

/** The text of a `.env` with these settings, as `.env` has to have them, and all others commented out. */
export function envFile(values: Readonly<Record<string, string>>): string {
  return envText(
    '# Written by `passbridge init`. It holds secrets: keep it to yourself, and out of version control.',
    values,
  );
}

function envText(head: string, values: Readonly<Record<string, string>>): string {
  const lines = [head, ''];
  for (const [title, settings] of contents()) {
    lines.push(`# ── ${title} ──`, '');
    for (const [name, { about, fallback = '' }] of settings) {
      const value = values[name];
      lines.push(...wrap(about), value === undefined ? `#${name}=${fallback}` : `${name}=${value}`, '');
    }
  }
  return lines.join('\n');
}

/** The text of `docs/configuration.md`. */
export function configurationPage(): string {
  const lines = [...INTRODUCTION];
  for (const [title, settings] of contents()) {
    lines.push(`## ${title}`, '', '| Setting | Default | Meaning |', '| --- | --- | --- |');
    for (const [name, { about, fallback, secret }] of settings) {
      const standard = fallback === undefined ? '' : `\`${fallback}\``;
      lines.push(`| \`${name}\` | ${standard} | ${secret ? `${about} **Secret.**` : about} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

const INTRODUCTION = [
  '# Configuration',
  '',
  '<!-- Made by `npm run docs` from src/config/environment.ts: change it there. -->',
  '',
  'Settings are environment variables. A file `.env` in the working directory is read if there is one; a',
  'variable of the process wins over it, and a blank one counts as absent. All problems are reported together',
  'at the start, misspelt names among them. What the cards hold is not here but in the programs file: see',
  '`examples/programs.yaml`.',
  '',
];

const LINE = 100;

/** Comment lines of at most 100 characters. */
function wrap(text: string): string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length >= LINE) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
