/** Splits a parsed webhook preset into bodies, settings and texts, by names and by the shape of the bodies. */

import type { Json } from '../../domain/jobs/program.ts';
import type { JsonPath } from '../../kit/json-path.ts';
import type { Section } from '../template/section.ts';
import type { Pasted } from './pasted-json.ts';
import { kindOfSetting, type WebhookSetting } from './webhook-settings.ts';

/** A body and its section of the program. */
export interface FoundBody {
  section: Section;
  pasted: Pasted;
}

export interface WebhookParts {
  bodies: readonly FoundBody[];
  settings: readonly WebhookSetting[];
  /** Texts that may contain a body. */
  texts: readonly { text: string; line: number }[];
}

/** Splits a value that is a body, a preset, or a list of presets. */
export function splitWebhook(pasted: Pasted): WebhookParts {
  const bodies: FoundBody[] = [];
  const settings: WebhookSetting[] = [];
  const texts: { text: string; line: number }[] = [];

  const visit = (value: Json, path: JsonPath, name: string) => {
    const section = sectionOf(value);
    const line = pasted.lineOf(path);
    if (section !== undefined) {
      bodies.push({ section, pasted: { value, lineOf: (deeper) => pasted.lineOf([...path, ...deeper]) } });
      return;
    }
    const kind = name === '' ? 'other' : kindOfSetting(name);
    if (
      typeof value === 'string' &&
      /[{[]\s*(?:["“{]|\{%)/.test(value) &&
      kind !== 'header' &&
      kind !== 'url'
    ) {
      texts.push({ text: value, line });
    } else if (kind === 'header')
      settings.push(...headersOf(value, line, (step) => pasted.lineOf([...path, step])));
    else if (isCollection(value) && (kind === 'other' || kind === 'body' || kind === 'label')) {
      if (Array.isArray(value)) for (const [step, item] of value.entries()) visit(item, [...path, step], '');
      else for (const [step, member] of Object.entries(value)) visit(member, [...path, step], step);
    } else if (name !== '') settings.push({ kind, name, value: textOf(value), line });
  };
  visit(pasted.value, [], '');
  return { bodies, settings, texts };
}

/** Accepts a map of names and values, or a list of `{ key, value }`. */
function headersOf(value: Json, line: number, lineOf: (step: string | number) => number): WebhookSetting[] {
  if (!isCollection(value)) {
    return value === '' || value === null ? [] : [{ kind: 'header', name: textOf(value), value: '', line }];
  }
  if (!Array.isArray(value)) {
    return Object.entries(value).map(([name, member]) => ({
      kind: 'header',
      name,
      value: textOf(member),
      line: lineOf(name),
    }));
  }
  return value.flatMap((item, index) => {
    if (!isCollection(item) || Array.isArray(item)) return [];
    const name = item['key'] ?? item['name'] ?? item['header'];
    if (name === undefined) return [];
    return [
      {
        kind: 'header' as const,
        name: textOf(name),
        value: textOf(item['value'] ?? ''),
        line: lineOf(index),
      },
    ];
  });
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns the section of a body by its shape; undefined if the value is not a body. */
function sectionOf(body: Json): Section | undefined {
  if (Array.isArray(body)) return sectionOfPatch(body);
  if (typeof body !== 'object' || body === null) return undefined;
  if ('templateVariables' in body || 'templateId' in body) return 'create';
  const members = Object.entries(body);
  return members.some(isWrittenBack) && members.every(([, value]) => !isCollection(value))
    ? 'attributes'
    : undefined;
}

/** Returns whether a member is an attribute of a card, or filled from the response to a create. */
function isWrittenBack([name, value]: [string, Json]): boolean {
  return (
    name.startsWith('passmachine_pass_') ||
    (typeof value === 'string' && value.includes('{{') && /\bwebhook\b/.test(value))
  );
}

/** A patch that changes nothing that a notification shows is an update. */
function sectionOfPatch(body: readonly Json[]): Section | undefined {
  const operations = body.filter((item) => isCollection(item) && 'op' in item && 'path' in item);
  if (operations.length === 0) return undefined;
  return /\/(?:fieldValue|changeMessage)"|"NOTIFICATION"|\{\{-?\s*text\b/.test(JSON.stringify(body))
    ? 'notify'
    : 'update';
}

/** Returns whether a value is a list or a map. */
export function isCollection(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
