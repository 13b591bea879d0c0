/** The page that says why something was not done or found. */

import { renderDocument } from './document.tsx';
import { type Reader, renderPage } from './layout.tsx';

/** Without the menu for whoever has not signed in. `back`: the page that it was asked for from. */
export function renderRefusal(message: string, reader: Reader | undefined, back = '/'): string {
  const title = 'Not done';
  if (reader !== undefined)
    return renderPage({ title, path: '', reader, children: <Refusal message={message} back={back} /> });
  return renderDocument({
    title,
    children: (
      <main class="container-xl py-3">
        <Refusal message={message} back={back} />
      </main>
    ),
  });
}

function Refusal({ message, back }: { message: string; back: string }) {
  return (
    <>
      <h1>Not done</h1>
      <p class="alert alert-warning" role="alert" data-lines>
        {message}
      </p>
      <p>
        <a href={back}>{back === '/' ? 'Back to the start' : 'Back to where you were'}</a>
      </p>
    </>
  );
}
