/** Runs on every page: reports a lost connection, adds the CSRF token to forms, and moves the focus to the search. */

import { startLiveUpdates } from './live.js';

/** Returns the token that proves that a request comes from one of our pages; undefined on read-only pages. */
export function csrfToken(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
}

/** The server sends an update or a heartbeat at least every 2 s. */
const SILENCE_MS = 6000;

const notice = document.querySelector<HTMLElement>('#connection');
/** The frame is live on every page; what the page itself shows matters more. */
const live = document.querySelector('#live') ?? document.querySelector('#health');

if (live !== null && notice !== null) {
  const timeZone = document.querySelector<HTMLElement>('#content')?.dataset['zone'] ?? 'UTC';
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  let updatedAt = Date.now();
  let reason = '';
  const onUpdate = () => {
    updatedAt = Date.now();
    reason = '';
    notice.hidden = true;
    delete document.body.dataset['stale'];
  };
  live.addEventListener('live:heartbeat', onUpdate);
  live.addEventListener('live:updated', onUpdate);
  document.addEventListener('live:refused', (event) => {
    const { detail: status } = event as CustomEvent<number>;
    // The session has expired: the reload leads to the sign-in page and back.
    if (status === 401) location.reload();
    reason =
      status === 503
        ? ' The server has no access to its storage (Redis).'
        : ` The server answered ${status}.`;
  });
  setInterval(() => {
    // A background tab does not update; it catches up when it becomes visible.
    if (document.hidden || Date.now() - updatedAt < SILENCE_MS) return;
    // What is shown may be over, so that nothing of it may look as if it went on.
    document.body.dataset['stale'] = '';
    const text = `Not live. Last update ${format.format(updatedAt)}.${reason} Reconnecting…`;
    // Not set again every second, so that screen readers announce it once.
    if (!notice.hidden && notice.textContent === text) return;
    notice.textContent = text;
    notice.hidden = false;
  }, 1000);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) updatedAt = Math.max(updatedAt, Date.now() - SILENCE_MS / 2);
  });
}

startLiveUpdates();

// Live parts are the same for all viewers, so their forms have no token of their own.
document.addEventListener('submit', ({ target }) => {
  const token = csrfToken();
  if (token === undefined || !(target instanceof HTMLFormElement) || target.method !== 'post') return;
  const field =
    target.querySelector<HTMLInputElement>('input[name="_csrf"]') ?? document.createElement('input');
  field.type = 'hidden';
  field.name = '_csrf';
  field.value = token;
  target.append(field);
  // Keeps a double click from sending the form twice.
  target.querySelector('button[type="submit"]')?.setAttribute('aria-disabled', 'true');
});

/** Whether a key belongs to what is being typed. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const search = document.querySelector<HTMLInputElement>('#search');
  if (search === null) return;
  event.preventDefault();
  search.select();
});
