/** Links between pages that share one item of the menu. */

import { formatNumber } from '../../../domain/presentation/format.ts';
import { routes } from '../../paths.ts';

interface Tab {
  to: string;
  label: string;
  /** Shown after the label. */
  count?: number;
}

export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ to, label: text, count }) => (
        <a key={to} href={to} aria-current={to === current ? 'page' : undefined}>
          {text}
          {count !== undefined && <span class="tab-count">{formatNumber(count)}</span>}
        </a>
      ))}
    </nav>
  );
}

const activityTabs = {
  audit: { to: routes.activity, label: 'Audit log' },
  'bulk-actions': { to: routes.bulkActions, label: 'Bulk actions' },
} as const;

export function ActivityTabs({ current }: { current: keyof typeof activityTabs }) {
  return <Tabs label="Activity" tabs={Object.values(activityTabs)} current={activityTabs[current].to} />;
}
