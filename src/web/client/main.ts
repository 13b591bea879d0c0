/**
 * What the pages do in the browser beyond htmx: say when the data is old, and let every form prove
 * that it was sent from here.
 */

import { csrfToken } from './csrf-token.ts';

/** The server tells at least every two seconds that what is shown is what there is. */
const SILENCE_MS = 6000;

const live = document.querySelector('#live');
const notice = document.querySelector<HTMLElement>('#connection');

if (live !== null && notice !== null) {
  let heardAt = new Date();
  const heard = () => {
    heardAt = new Date();
    notice.hidden = true;
  };
  live.addEventListener('beat', heard);
  live.addEventListener('htmx:sse:after:message', heard);
  live.addEventListener('htmx:sse:after:connection', heard);
  setInterval(() => {
    // A page in the background asks for nothing; it catches up when it is looked at.
    if (document.hidden || Date.now() - heardAt.getTime() < SILENCE_MS) return;
    const text = `Connection lost: what you see is from ${heardAt.toLocaleTimeString('en-GB')}. Trying again …`;
    // Said once, not every second.
    if (!notice.hidden && notice.textContent === text) return;
    notice.textContent = text;
    notice.hidden = false;
  }, 1000);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) heardAt = new Date(Math.max(heardAt.getTime(), Date.now() - SILENCE_MS / 2));
  });
}

// Parts that many people see at once are the same for all of them, so the token is put in here.
document.addEventListener('submit', ({ target }) => {
  const token = csrfToken();
  if (token === undefined || !(target instanceof HTMLFormElement) || target.method !== 'post') return;
  const field =
    target.querySelector<HTMLInputElement>('input[name="_csrf"]') ?? document.createElement('input');
  field.type = 'hidden';
  field.name = '_csrf';
  field.value = token;
  target.append(field);
  // A second click on the same button would only repeat it.
  target.querySelector('button[type="submit"]')?.setAttribute('aria-disabled', 'true');
});

// A session that has ended meanwhile: the page leads to the sign-in page and back.
live?.addEventListener('htmx:sse:error', (event) => {
  if ((event as CustomEvent<{ status?: number }>).detail.status === 401) location.reload();
});
