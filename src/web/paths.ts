/** The routes of the dashboard, and the only way to build a link to one of them. */

export const routes = {
  overview: '/',
  live: '/live',
  settings: '/settings',
  speedLimit: '/settings/limits',
  campaigns: '/campaigns',
  newCampaign: '/campaigns/new',
  campaign: '/campaigns/:id',
  campaignPause: '/campaigns/:id/pause',
  campaignResume: '/campaigns/:id/resume',
  campaignResumeLatest: '/campaigns/:id/resume-latest',
  campaignStop: '/campaigns/:id/stop',
  campaignReschedule: '/campaigns/:id/reschedule',
  campaignResults: '/campaigns/:id/results',
  draftTest: '/campaigns/drafts/:id/test',
  drafts: '/campaigns/drafts',
  draft: '/campaigns/drafts/:id',
  draftCards: '/campaigns/drafts/:id/cards',
  draftPreview: '/campaigns/drafts/:id/preview',
  draftReview: '/campaigns/drafts/:id/review',
  draftStart: '/campaigns/drafts/:id/start',
  attention: '/attention',
  unknownOutcomes: '/attention/unknown',
  unknownResolve: '/attention/unknown/resolve',
  causeResolve: '/attention/:cause/resolve',
  cause: '/attention/:cause',
  causeRetry: '/attention/:cause/retry',
  causeDiscard: '/attention/:cause/discard',
  causeSelected: '/attention/:cause/selected',
  causeEdit: '/attention/:cause/edit',
  failureEdit: '/attention/:cause/edit-one',
  bulkActions: '/activity/bulk-actions',
  bulkAction: '/activity/bulk-actions/:id',
  bulkActionCancel: '/activity/bulk-actions/:id/cancel',
  customers: '/customers',
  cardColors: '/cards/colors/:file',
  cardLogo: '/cards/logos/:program',
  schedules: '/schedules',
  scheduleRun: '/schedules/:name/run',
  scheduleSkip: '/schedules/:name/skip',
  scheduleEnable: '/schedules/:name/enable',
  scheduleDisable: '/schedules/:name/disable',
  activity: '/activity',
  diagnostics: '/settings/diagnostics',
  signIn: '/sign-in',
  signInSso: '/sign-in/sso',
  ssoCallback: '/sign-in/sso/callback',
  signOut: '/sign-out',
} as const;

/** Names of the `:parameters` in a route. */
type ParamsOf<Route extends string> = Route extends `${string}:${infer Param}/${infer Rest}`
  ? Param | ParamsOf<Rest>
  : Route extends `${string}:${infer Param}`
    ? Param
    : never;

/** Values of a query string; undefined and empty ones are left out. */
type Query = Readonly<Record<string, string | number | undefined>>;

/** Returns a route with its parameters filled in and encoded, e.g. `/campaigns/a%20b?page=2`. */
export function pathTo<Route extends string>(
  route: Route,
  params: Readonly<Record<ParamsOf<Route>, string>>,
  query: Query = {},
): string {
  const values: Readonly<Record<string, string>> = params;
  const path = route.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
