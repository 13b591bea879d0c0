/** Parses a pasted file as a whole: the bodies in it, and notes about the rest. */

import type { Section } from '../template/section.ts';
import { parsePastedJson, type Pasted, type PastedJson } from './pasted-json.ts';
import { lineAt, type LineNote } from './pasted-text.ts';
import { splitWebhook, type FoundBody } from './webhook-preset.ts';
import { describeSetting, parseListing, type WebhookSetting } from './webhook-settings.ts';

/** Bodies by their section of the program. */
export type PresetBodies = ReadonlyMap<Section, Pasted>;

export type ParsedPreset =
  | { ok: true; bodies: PresetBodies; notes: LineNote[] }
  | { ok: false; problems: LineNote[] };

interface Found {
  bodies: FoundBody[];
  settings: WebhookSetting[];
  problems: LineNote[];
  notes: LineNote[];
}

/** The start of a body: a bracket followed by JSON, at the start of a line or after a label such as `Body:`. */
const BODY =
  /^[ \t]*(?:(?:[-•*][ \t]*)?\p{L}[\p{L} ()]*[:=][ \t]*)?(?=\{(?![{%#])\s*(?:["'“”„‘«}]|[\w$-]+[ \t]*:|\{[{%#]|\/[/*])|\[\s*(?:[{\]]))/mu;

const STRAY_TAG = /\{%(?:(?!\{%)[\s\S])*?%\}/;

/** Parses everything that the text contains, in any order. */
export function parsePreset(text: string): ParsedPreset {
  const { bodies: found, settings, problems, notes } = findParts(text);
  const bodies = new Map<Section, Pasted>();
  for (const { section, pasted } of found) {
    const first = bodies.get(section);
    if (first === undefined) bodies.set(section, pasted);
    else problems.push({ line: pasted.lineOf([]), text: duplicateBody(section, first.lineOf([])) });
  }
  if (bodies.size === 0 && problems.length === 0) problems.push({ line: 1, text: NOTHING_FOUND });
  if (problems.length > 0) return { ok: false, problems };
  for (const setting of settings) {
    const description = describeSetting(setting);
    if (description !== undefined) notes.push({ line: setting.line, text: description });
  }
  return { ok: true, bodies, notes };
}

function findParts(text: string): Found {
  const found: Found = { bodies: [], settings: [], problems: [], notes: [] };
  let prose = '';
  let offset = 0;
  for (let start = nextBody(text, offset); start !== undefined; start = nextBody(text, offset)) {
    const json = parsePastedJson(text, start);
    prose += text.slice(offset, start) + text.slice(start, json.end).replaceAll(/[^\n]/g, ' ');
    offset = json.end;
    addParts(found, json);
  }
  prose += text.slice(offset);
  found.settings.push(...parseListing(prose));
  const stray = STRAY_TAG.exec(prose);
  if (stray !== null) found.problems.push({ line: lineAt(prose, stray.index), text: strayTag(stray[0]) });
  return found;
}

/** Returns the offset of the bracket that starts the next body. */
function nextBody(text: string, from: number): number | undefined {
  // A file that starts with a bracket is a body, whatever is wrong with it.
  const first = /^\s*/.exec(text)?.[0].length ?? 0;
  if (from === 0 && /^(?:\{(?![{%#])|\[)/.test(text.slice(first, first + 2))) return first;
  const found = BODY.exec(text.slice(from));
  return found === null ? undefined : from + found.index + found[0].length;
}

function addParts(found: Found, { pasted, problems, notes }: PastedJson): void {
  found.problems.push(...problems);
  found.notes.push(...notes);
  if (pasted === undefined) return;
  const parts = splitWebhook(pasted);
  found.bodies.push(...parts.bodies);
  found.settings.push(...parts.settings);
  for (const { text, line } of parts.texts) {
    const inner = findParts(text);
    // The text is on one line of the file, however many lines it has itself.
    const atOuterLine = ({ line: innerLine, text: note }: LineNote) => ({
      line,
      text: `line ${innerLine} of this text, ${note}`,
    });
    found.problems.push(...inner.problems.map(atOuterLine));
    found.notes.push(...inner.notes.map(atOuterLine));
    for (const { section, pasted: body } of inner.bodies) {
      found.bodies.push({ section, pasted: { value: body.value, lineOf: () => line } });
    }
  }
}

const NOTHING_FOUND =
  'no body of a card was found. A create has "templateVariables", a notification is a list of "op", "path" and "value", and saved card data has "passmachine_pass_…" or {{ webhook… }}';

function duplicateBody(section: Section, line: number): string {
  const remedy = 'import one file per card, each with its own --name';
  return `a second ${section}; the first is on line ${line}. A program has one of each: ${remedy}`;
}

function strayTag(tag: string): string {
  const shown = tag.length > 60 ? `${tag.slice(0, 57)}…` : tag;
  return `${shown} is outside of the JSON, where passbridge does not render Jinja. Move it into each value that needs it, e.g. "{% set day = … %}{{ day }}"`;
}
