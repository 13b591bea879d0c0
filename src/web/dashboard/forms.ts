/** What browsers send from forms. */

import type { FastifyInstance } from 'fastify';

/** A thousand ticked boxes. */
const LONGEST_FORM = 256 * 1024;

/** Reads forms into objects; a name that comes several times becomes an array. */
export function addForms(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: LONGEST_FORM },
    (_request, text, done) => {
      const form = new URLSearchParams(String(text));
      const entries = [...new Set(form.keys())].map((name) => {
        const values = form.getAll(name);
        return [name, values.length === 1 ? values[0] : values] as const;
      });
      done(null, Object.fromEntries(entries));
    },
  );
}
