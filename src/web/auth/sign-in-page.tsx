/** The sign-in page. Works without JavaScript. */

import type { ComponentChildren } from 'preact';
import { renderDocument } from '../dashboard/layout.tsx';
import { Brand } from '../dashboard/navigation.tsx';
import { CsrfField } from '../dashboard/parts/forms.tsx';
import { pathTo, routes } from '../paths.ts';

interface SignInPageProps {
  /** Path to go to afterwards. */
  to: string;
  csrfToken: string;
  /** Why the last attempt failed. */
  problem?: string;
  name?: string;
  /** Whether single sign-on is configured. */
  hasSso: boolean;
}

export function renderSignIn({ to, csrfToken, problem, name, hasSso }: SignInPageProps): string {
  return renderDocument({
    title: 'Sign in',
    csrfToken,
    children: (
      <Centered heading="Sign in to passbridge" problem={problem}>
        <form method="post" action={routes.signIn} class="card">
          <CsrfField token={csrfToken} />
          <input type="hidden" name="to" value={to} />
          <div class="field">
            <label for="name">Name</label>
            <input id="name" name="name" value={name} required autoComplete="username" autoFocus />
          </div>
          <div class="field">
            <label for="password">Password</label>
            <input id="password" name="password" type="password" required autoComplete="current-password" />
          </div>
          <button class="btn btn-primary" type="submit">
            Sign in
          </button>
        </form>
        {hasSso && (
          <p>
            <a class="btn btn-block" href={pathTo(routes.signInSso, {}, { to })}>
              Sign in with single sign-on
            </a>
          </p>
        )}
      </Centered>
    ),
  });
}

interface TokenSignInProps {
  /** Path to go to afterwards. */
  to: string;
  csrfToken: string;
  problem: string | undefined;
}

/** The page for a browser without a session while there are no operators. */
export function renderTokenSignIn({ to, csrfToken, problem }: TokenSignInProps): string {
  return renderDocument({
    title: 'Sign in',
    csrfToken,
    children: (
      <Centered heading="Sign in to passbridge" problem={problem}>
        <p>
          Open the address that passbridge printed when it started, or paste its access token. For sign-in
          with names and passwords, run <code>passbridge operators add</code>.
        </p>
        <form method="post" action={routes.signIn} class="card">
          <CsrfField token={csrfToken} />
          <input type="hidden" name="to" value={to} />
          <div class="field">
            <label for="token">Access token</label>
            <input id="token" name="token" type="password" required autoComplete="off" autoFocus />
          </div>
          <button class="btn btn-primary" type="submit">
            Sign in
          </button>
        </form>
      </Centered>
    ),
  });
}

/** The page for requests that the dashboard does not answer. */
export function renderClosed(problem: string): string {
  return renderDocument({
    title: 'Sign-in isn’t set up',
    children: (
      <Centered heading="Sign-in isn’t set up" problem={undefined}>
        <p>{problem}</p>
      </Centered>
    ),
  });
}

interface CenteredProps {
  heading: string;
  problem: string | undefined;
  children: ComponentChildren;
}

function Centered({ heading, problem, children }: CenteredProps) {
  return (
    <main class="center-page">
      <Brand />
      <h1>{heading}</h1>
      {problem !== undefined && (
        <p class="alert alert-danger" role="alert">
          {problem}
        </p>
      )}
      {children}
    </main>
  );
}

export const LOOPBACK_ONLY =
  'Without operators the dashboard can only be opened on the machine it runs on, at http://localhost, and not through a proxy. To allow others, set OPERATORS_FILE and run `passbridge operators add`.';
