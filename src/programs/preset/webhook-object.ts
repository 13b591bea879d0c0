/** A whole webhook preset, as an object: its settings under whatever names, and the bodies inside. */

import type { Json } from '../../domain/jobs/program.ts';
import type { BodyPath } from '../template/body.ts';
import type { Section } from '../template/section.ts';
import { isCollection, kindOfBody } from './kind-of-body.ts';
import type { Pasted } from './pasted-json.ts';
import { kindOfSetting, type WebhookSetting } from './webhook-setting.ts';

/** A body and the section that it is. */
export interface FoundBody {
  section: Section;
  pasted: Pasted;
}

export interface WebhookParts {
  bodies: readonly FoundBody[];
  settings: readonly WebhookSetting[];
  /** Texts that may hold a body themselves. */
  texts: readonly { text: string; line: number }[];
}

/** Takes a value apart: it may be a body, a preset, or a list of presets. */
export function readWebhook(pasted: Pasted): WebhookParts {
  const bodies: FoundBody[] = [];
  const settings: WebhookSetting[] = [];
  const texts: { text: string; line: number }[] = [];

  const visit = (value: Json, path: BodyPath, name: string) => {
    const section = kindOfBody(value);
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

/** As a map of names and values, or as a list of `{ key, value }`. */
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
  return value.flatMap((item, place) => {
    if (!isCollection(item) || Array.isArray(item)) return [];
    const name = item['key'] ?? item['name'] ?? item['header'];
    if (name === undefined) return [];
    return [
      {
        kind: 'header' as const,
        name: textOf(name),
        value: textOf(item['value'] ?? ''),
        line: lineOf(place),
      },
    ];
  });
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
