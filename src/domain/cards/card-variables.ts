/** The template variables that a request to Passmachine sets. */

import type { Json } from '../jobs/program.ts';

/** Values by name, as a card shows them. */
export type CardVariables = Readonly<Record<string, string>>;

/** Its value is the text that phones show on the lock screen when it changes. */
export const NOTIFICATION_VARIABLE = 'fieldValue';

/** Returns the variables of the body of a create, or of a JSON Patch. */
export function variablesOf(body: Json): CardVariables {
  const variables = Array.isArray(body)
    ? body.flatMap((step) => {
        const { path, value } = (step ?? {}) as { path?: Json; value?: Json };
        return typeof path === 'string' ? [[path.split('/').at(-1) ?? path, value ?? ''] as const] : [];
      })
    : Object.entries((body as { templateVariables?: Record<string, Json> } | null)?.templateVariables ?? {});
  const texts = variables.map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return mergeVariables(Object.fromEntries(texts) as CardVariables);
}

/** Merges variables; the last value of a name counts. Without a prototype, a name may be that of a method of objects. */
export function mergeVariables(...all: readonly CardVariables[]): CardVariables {
  return Object.assign(Object.create(null) as object, ...all) as CardVariables;
}
