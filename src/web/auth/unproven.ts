/** A change that was asked for without the token of one of our pages. */

/** What an error of the token check means: a form that was open since another session, or that is none of ours. */
export function isUnproven({ code }: { code?: string }): boolean {
  return code?.startsWith('FST_CSRF_') === true;
}

export const unproven =
  'Nothing was done: it could not be told that this was sent from the dashboard, or you have signed in anew since. Go back, reload the page and try again.';
