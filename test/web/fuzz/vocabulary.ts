/** Learns from a running server which names, values, forms and bodies its routes understand. */

import type { FuzzForm } from './grammar.ts';
import type { JsonSchema } from './schema-values.ts';

type Fetch = (path: string) => Promise<Response>;

/** Returns the fields and the forms of these pages. */
export async function learnForms(get: Fetch, paths: readonly string[]) {
  const names = new Set<string>();
  const values = new Set<string>();
  const forms: FuzzForm[] = [];
  for (const path of paths) {
    const page = await get(path);
    const html = await page.text();
    for (const [, attributes = '', inner = ''] of html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
      const fields = fieldsOf(inner);
      const others = [...inner.matchAll(/formaction="([^"?]+)/g)].map(([, to = '']) => to);
      for (const action of [/action="([^"?]+)/.exec(attributes)?.[1] ?? path, ...others]) {
        forms.push({ action, fields });
      }
      for (const [name, value] of fields) {
        names.add(name);
        if (!isToken(value)) values.add(value);
      }
    }
  }
  return { names: [...names], values: [...values], forms };
}

/** A CSRF token is no value to send in other fields. */
function isToken(value: string): boolean {
  return /^[\w-]{43,}$/.test(value);
}

/** Returns the fields of a form as a browser would send them, with every box ticked. */
function fieldsOf(form: string): [name: string, value: string][] {
  const tags = form.matchAll(/<(input|select|textarea|button)([^>]*) name="([^"]+)"([^>]*)>([^<]*)/g);
  return [...tags].map(([, kind, before = '', name = '', after = '', text = '']) => [
    name,
    kind === 'textarea' ? text : (/ value="([^"]*)"/.exec(before + after)?.[1] ?? ''),
  ]);
}

interface Operation {
  parameters?: { name: string }[];
  requestBody?: { content?: Record<string, { schema?: JsonSchema }> };
}

/** Returns the schemas of JSON bodies by method and path, e.g. `POST /api/limits`, and the names of parameters. */
export async function learnBodies(get: Fetch) {
  const described = await get('/api/docs/json');
  const { paths } = (await described.json()) as { paths: Record<string, Record<string, Operation>> };
  const bodies = new Map<string, JsonSchema>();
  const names = new Set<string>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
      for (const { name } of parameters) names.add(name);
      const schema = requestBody?.content?.['application/json']?.schema;
      const route = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      if (schema !== undefined) bodies.set(route, schema);
    }
  }
  return { bodies, names: [...names] };
}
