/** Which section of a program a body is, by what it looks like. */

import type { Json } from '../../domain/jobs/program.ts';
import type { Section } from '../template/section.ts';

/** Undefined where it is none of them. */
export function kindOfBody(body: Json): Section | undefined {
  if (Array.isArray(body)) return kindOfPatch(body);
  if (typeof body !== 'object' || body === null) return undefined;
  if ('templateVariables' in body || 'templateId' in body) return 'create';
  const members = Object.entries(body);
  return members.some(isSaved) && members.every(([, value]) => !isCollection(value))
    ? 'attributes'
    : undefined;
}

/** An attribute about a card, or one that the answer to a create fills. */
function isSaved([name, value]: [string, Json]): boolean {
  return (
    name.startsWith('passmachine_pass_') ||
    (typeof value === 'string' && value.includes('{{') && /\bwebhook\b/.test(value))
  );
}

/** A patch that leaves alone what is shown when a phone rings is an update. */
function kindOfPatch(body: readonly Json[]): Section | undefined {
  const operations = body.filter((item) => isCollection(item) && 'op' in item && 'path' in item);
  if (operations.length === 0) return undefined;
  return /\/(?:fieldValue|changeMessage)"|"NOTIFICATION"|\{\{-?\s*text\b/.test(JSON.stringify(body))
    ? 'notify'
    : 'update';
}

/** Whether it is a list or a map. */
export function isCollection(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
