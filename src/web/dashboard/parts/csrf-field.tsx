/** Proves that a form was sent from one of our pages. */

/** Nothing where many readers share what is rendered: the browser puts it in then. */
export function CsrfField({ token }: { token: string | undefined }) {
  return token === undefined ? null : <input type="hidden" name="_csrf" value={token} />;
}
