/** A pasted file as a whole: the bodies in it, and what is to be said about the rest, line by line. */

import type { Section } from '../template/section.ts';
import { readListing } from './listing.ts';
import { type Pasted, type PastedJson, readPastedJson } from './pasted-json.ts';
import type { Remark } from './remark.ts';
import { lineAt } from './text-location.ts';
import { describeSetting, type WebhookSetting } from './webhook-setting.ts';
import { type FoundBody, readWebhook } from './webhook-object.ts';

/** The bodies by the section of a program that they are. */
export type PresetBodies = ReadonlyMap<Section, Pasted>;

export type ReadPreset =
  | { ok: true; bodies: PresetBodies; remarks: Remark[] }
  | { ok: false; problems: Remark[] };

interface Found {
  bodies: FoundBody[];
  settings: WebhookSetting[];
  problems: Remark[];
  remarks: Remark[];
}

/** Where a line begins a body: a bracket that something of JSON follows, perhaps after a word such as `Body:`. */
const BODY =
  /^[ \t]*(?:(?:[-•*][ \t]*)?\p{L}[\p{L} ()]*[:=][ \t]*)?(?=\{(?![{%#])\s*(?:["'“”„‘«}]|[\w$-]+[ \t]*:|\{[{%#]|\/[/*])|\[\s*(?:[{\]]))/mu;

const STRAY_TAG = /\{%[\s\S]*?%\}/;

/** Reads everything that the text holds, in any order. */
export function readPreset(text: string): ReadPreset {
  const { bodies: found, settings, problems, remarks } = findBodies(text);
  const bodies = new Map<Section, Pasted>();
  for (const { section, pasted } of found) {
    const first = bodies.get(section);
    if (first === undefined) bodies.set(section, pasted);
    else problems.push({ line: pasted.lineOf([]), text: twoOf(section, first.lineOf([])) });
  }
  if (bodies.size === 0 && problems.length === 0) problems.push({ line: 1, text: nothingFound });
  if (problems.length > 0) return { ok: false, problems };
  for (const setting of settings) {
    const said = describeSetting(setting);
    if (said !== undefined) remarks.push({ line: setting.line, text: said });
  }
  return { ok: true, bodies, remarks };
}

function findBodies(text: string): Found {
  const found: Found = { bodies: [], settings: [], problems: [], remarks: [] };
  let prose = '';
  let at = 0;
  for (let start = nextBody(text, at); start !== undefined; start = nextBody(text, at)) {
    const json = readPastedJson(text, start);
    prose += text.slice(at, start) + text.slice(start, json.end).replaceAll(/[^\n]/g, ' ');
    at = json.end;
    take(found, json);
  }
  prose += text.slice(at);
  found.settings.push(...readListing(prose));
  const stray = STRAY_TAG.exec(prose);
  if (stray !== null) found.problems.push({ line: lineAt(prose, stray.index), text: outside(stray[0]) });
  return found;
}

/** The bracket that the next body begins with. */
function nextBody(text: string, from: number): number | undefined {
  // A file that is nothing but a body is one, whatever is wrong with it.
  const first = /^\s*/.exec(text)?.[0].length ?? 0;
  if (from === 0 && /^(?:\{(?![{%#])|\[)/.test(text.slice(first, first + 2))) return first;
  const found = BODY.exec(text.slice(from));
  return found === null ? undefined : from + found.index + found[0].length;
}

function take(found: Found, { pasted, problems, remarks }: PastedJson): void {
  found.problems.push(...problems);
  found.remarks.push(...remarks);
  if (pasted === undefined) return;
  const parts = readWebhook(pasted);
  found.bodies.push(...parts.bodies);
  found.settings.push(...parts.settings);
  for (const { text, line } of parts.texts) {
    const within = findBodies(text);
    // The text is one line of the file, however many lines it has itself.
    const here = ({ line: deeper, text: said }: Remark) => ({
      line,
      text: `line ${deeper} of the text here, ${said}`,
    });
    found.problems.push(...within.problems.map(here));
    found.remarks.push(...within.remarks.map(here));
    for (const { section, pasted: body } of within.bodies) {
      found.bodies.push({ section, pasted: { value: body.value, lineOf: () => line } });
    }
  }
}

const nothingFound =
  'no body of a card was found. A create has "templateVariables", a notification is a list of "op", "path" and "value", and saved card data has "passmachine_pass_…" or {{ webhook… }}';

function twoOf(section: Section, line: number): string {
  const remedy = 'import one file for each card, with a --name of its own';
  return `a second ${section}: the first one is in line ${line}. A program has one of each: ${remedy}`;
}

function outside(tag: string): string {
  const what = tag.length > 60 ? `${tag.slice(0, 57)}…` : tag;
  return `${what} stands outside of the JSON, where passbridge knows no Jinja. Move it into each value that needs it, e.g. "{% set day = … %}{{ day }}"`;
}
