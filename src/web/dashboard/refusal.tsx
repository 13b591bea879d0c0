/** The page that says why something was not done or found. */

import { renderDocument } from './document.tsx';
import { type Reader, renderPage } from './layout.tsx';

/** Without the menu for whoever has not signed in. */
export function renderRefusal(message: string, reader: Reader | undefined): string {
  const title = 'Not done';
  if (reader !== undefined)
    return renderPage({ title, path: '', reader, children: <Refusal message={message} /> });
  return renderDocument({
    title,
    children: (
      <main class="container-xl py-3">
        <Refusal message={message} />
      </main>
    ),
  });
}

function Refusal({ message }: { message: string }) {
  return (
    <>
      <h1>Not done</h1>
      <p class="alert alert-warning" role="alert" data-lines>
        {message}
      </p>
      <p>
        <a href="/">Back to the start</a>
      </p>
    </>
  );
}
