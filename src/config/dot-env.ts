/** The format of `.env` files: values with the quotes they need, and every setting with its description. */

import { chapters } from './environment.ts';
import type { Setting } from './setting.ts';

/** Characters without a special meaning in `.env`, so that the value needs no quotes. */
const PLAIN = /^[\w.,:/@%+=-]+$/;

const quotes = ["'", '"', '`'];

/** Returns a value, quoted if it must be; undefined if it contains every kind of quote. */
export function dotEnvValue(value: string): string | undefined {
  if (PLAIN.test(value)) return value;
  // In double quotes \n would become a line break.
  const quote = quotes.find((mark) => !value.includes(mark) && (mark !== '"' || !value.includes('\\n')));
  return quote === undefined ? undefined : quote + value + quote;
}

/** A `#` inside of an unquoted value, which ends it there. A comment has a space before it. */
const CUT_VALUE = /^\s*(?:export\s+)?([A-Z][A-Z\d_]*)\s*=[ \t]*(?!['"`\s#])[^\s#][^#]*(?<=\S)#/;

/**
 * Returns a problem for each setting whose value in the text of a `.env` ends at a `#` that is probably part of it. A
 * variable of the process overrides the line.
 */
export function cutValues(text: string, variables: Readonly<Record<string, string | undefined>>): string[] {
  const names = new Set<string>(Object.values(chapters).flatMap((settings) => Object.keys(settings)));
  return text.split(/\r?\n/).flatMap((line, index) => {
    const name = CUT_VALUE.exec(line)?.[1];
    if (name === undefined || !names.has(name) || variables[name] !== undefined) return [];
    return [
      `${name} ends at the # in line ${index + 1} of .env. Put the value in quotes, or a space before the # of a comment`,
    ];
  });
}

/** Returns the text of `.env.example`: every setting commented out, with its default. */
export function envExample(): string {
  return envText(
    '# Copy to .env and uncomment what you change. docs/configuration.md has the same settings as tables.',
    {},
  );
}

/** Returns the text of a `.env` with these settings, values as `.env` has them, and all others commented out. */
export function envFile(values: Readonly<Record<string, string>>): string {
  return envText('# Written by `passbridge init`. It holds secrets: do not commit or share it.', values);
}

function envText(head: string, values: Readonly<Record<string, string>>): string {
  const lines = [head, ''];
  for (const [title, settings] of Object.entries(chapters)) {
    lines.push(`# ── ${title} ──`, '');
    const entries: [string, Setting<unknown>][] = Object.entries(settings);
    for (const [name, { description, defaultText = '' }] of entries) {
      const value = values[name];
      lines.push(
        ...wrapped(description),
        value === undefined ? `#${name}=${defaultText}` : `${name}=${value}`,
        '',
      );
    }
  }
  return lines.join('\n');
}

const MAX_LINE_LENGTH = 100;

/** Returns a text as comment lines. */
function wrapped(text: string): string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length >= MAX_LINE_LENGTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
