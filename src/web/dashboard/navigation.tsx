/** The menu of every page: a sidebar, which is a bar at the bottom on phones, with the viewer's account. */

import type { Operator } from '../../domain/operators/operator.ts';
import { formatCount } from '../../domain/presentation/format.ts';
import { routes } from '../paths.ts';
import { CsrfField } from './parts/forms.tsx';
import { Icon, type IconName, Logo } from './parts/icons.tsx';

interface Item {
  to: string;
  label: string;
  /** Fits below an icon on a phone. */
  short?: string;
  icon: IconName;
}

/** Those that have room on phones. */
const mainItems: readonly Item[] = [
  { to: routes.overview, label: 'Overview', icon: 'overview' },
  { to: routes.campaigns, label: 'Campaigns', icon: 'campaigns' },
  { to: routes.attention, label: 'Needs attention', short: 'Attention', icon: 'attention' },
  { to: routes.customers, label: 'Customers', icon: 'customers' },
];

const moreItems: readonly Item[] = [
  { to: routes.schedules, label: 'Schedules', icon: 'schedules' },
  { to: routes.activity, label: 'Activity', icon: 'activity' },
  { to: routes.settings, label: 'Settings', icon: 'settings' },
];

/** Who is shown in the menu. */
interface NavigationViewer {
  operator: Operator;
  isSignedIn?: boolean;
  csrfToken?: string;
  /** Number of items that need a decision. */
  attention?: number | undefined;
}

interface NavigationProps {
  viewer: NavigationViewer;
  /** Path of the current page. */
  path: string;
}

export function Sidebar({ viewer, path }: NavigationProps) {
  const { attention } = viewer;
  return (
    <nav class="sidebar" aria-label="Main">
      <Brand />
      <ul class="nav-list">
        {mainItems.map((item) => (
          <li key={item.to}>
            <MenuItem item={item} path={path} attention={attention} />
          </li>
        ))}
        {moreItems.map((item) => (
          <li key={item.to} class="nav-desktop">
            <MenuItem item={item} path={path} />
          </li>
        ))}
        <li class="nav-more">
          <MoreItems viewer={viewer} path={path} />
        </li>
      </ul>
      <Account viewer={viewer} />
    </nav>
  );
}

export function Brand() {
  return (
    <a class="brand" href={routes.overview}>
      <Logo />
      <span>passbridge</span>
    </a>
  );
}

/** The rest of the menu, on phones. */
function MoreItems({ viewer, path }: NavigationProps) {
  const isCurrent = moreItems.some(({ to }) => isBelow(path, to));
  return (
    <details>
      <summary class="nav-link" aria-current={isCurrent ? 'true' : undefined}>
        <Icon name="more" size={20} />
        More
      </summary>
      <div class="nav-panel">
        {moreItems.map((item) => (
          <MenuItem key={item.to} item={item} path={path} />
        ))}
        <Account viewer={viewer} />
      </div>
    </details>
  );
}

function MenuItem({
  item: { to, label, short = label, icon },
  path,
  attention,
}: {
  item: Item;
  path: string;
  attention?: number | undefined;
}) {
  const isCurrent = to === routes.overview ? path === to : isBelow(path, to);
  return (
    <a class="nav-link" href={to} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={icon} />
      {short === label ? (
        <span>{label}</span>
      ) : (
        <>
          <span class="label-wide">{label}</span>
          <span class="label-short">{short}</span>
        </>
      )}
      {to === routes.attention && <AttentionCount count={attention} />}
    </a>
  );
}

/** Highest count that fits beside the label. */
const MAX_COUNT = 99;

/** The count beside the menu item. */
function AttentionCount({ count = 0, ...swap }: { count: number | undefined }) {
  return (
    <span id="attention-count" class="count" hidden={count === 0} {...swap}>
      <span aria-hidden="true">{count > MAX_COUNT ? `${MAX_COUNT}+` : count}</span>
      <span class="visually-hidden">({formatCount(count, 'item')})</span>
    </span>
  );
}

/** Replaces the count in the menu of an open page; appended to each of its live updates. */
export function AttentionUpdate({ count }: { count: number | undefined }) {
  return <AttentionCount count={count} {...{ 'hx-swap-oob': 'outerHTML' }} />;
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

const roleLabels: Readonly<Record<Operator['role'], string>> = {
  viewer: 'Viewer',
  operator: 'Operator',
  admin: 'Admin',
};

function Account({ viewer: { operator, isSignedIn, csrfToken } }: { viewer: NavigationViewer }) {
  const { name, role } = operator;
  return (
    <div class="account">
      <span class="avatar" aria-hidden="true">
        {(name.replace(/^sso:/, '')[0] ?? '?').toUpperCase()}
      </span>
      <span class="account-name">
        <strong>{name}</strong>
        <span class="muted">{roleLabels[role]}</span>
      </span>
      {isSignedIn === true && (
        <form method="post" action={routes.signOut}>
          <CsrfField token={csrfToken} />
          <button type="submit" class="btn btn-quiet btn-small">
            <Icon name="signOut" size={16} />
            <span class="visually-hidden">Sign out</span>
          </button>
        </form>
      )}
    </div>
  );
}
