/** Icons, drawn on 24 by 24 units with a stroke in the color of the text. A label beside each says what it means. */

const paths = {
  overview: 'M4 4h6v7H4zM14 4h6v4h-6zM14 12h6v8h-6zM4 15h6v5H4z',
  campaigns: 'M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z',
  attention: 'M12 8v5M12 16.5v.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  customers:
    'M15.5 20v-1.5a4 4 0 0 0-4-4h-4a4 4 0 0 0-4 4V20M9.5 4a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM20.5 20v-1.5a4 4 0 0 0-3-3.87M15.5 4.13a3.5 3.5 0 0 1 0 6.74',
  schedules: 'M12 7v5l3.25 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  activity: 'M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01',
  settings:
    'M4 7h8M18 7h2M4 17h2M12 17h8M15 4.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM9 14.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z',
  more: 'M5 12v.01M12 12v.01M19 12v.01',
  search: 'm20 20-4.3-4.3M10.75 4a6.75 6.75 0 1 1 0 13.5 6.75 6.75 0 0 1 0-13.5z',
  plus: 'M12 5v14M5 12h14',
  well: 'm8 12.5 2.75 2.75L16 9.5M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  warning:
    'M12 9.5v4M12 17v.01M10.3 4.4 2.9 17.2A2 2 0 0 0 4.6 20h14.8a2 2 0 0 0 1.7-2.8L13.7 4.4a2 2 0 0 0-3.4 0z',
  down: 'm9 9 6 6m0-6-6 6M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5.5v13l10.5-6.5z',
  download: 'M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14',
  signOut: 'M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15.5 16.5 20 12l-4.5-4.5M20 12H9.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' || name === 'activity' ? 2.25 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The sign of passbridge: a bridge that carries a card. */
export function Logo() {
  return (
    <svg
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      aria-hidden="true"
      focusable="false"
    >
      <rect x="7" y="3.5" width="10" height="6.5" rx="1.75" fill="currentColor" stroke="none" />
      <path d="M2.5 13.5h19M4.5 13.5V20M19.5 13.5V20M4.5 20c1-4 4-5.75 7.5-5.75S18.5 16 19.5 20" />
    </svg>
  );
}
