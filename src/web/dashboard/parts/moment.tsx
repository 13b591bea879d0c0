/** A point in time, in the time zone that the programs' owners think in. */

interface MomentProps {
  /** Milliseconds since 1970. */
  at: number;
  /** IANA name. */
  zone: string;
}

/** `23 Nov 2026, 18:04:05 CET`. */
export function Moment({ at, zone }: MomentProps) {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
  return <time dateTime={new Date(at).toISOString()}>{text}</time>;
}
