/** Where people sign in. Works without a script. */

import { renderDocument } from '../dashboard/document.tsx';
import { CsrfField } from '../dashboard/parts/csrf-field.tsx';

interface SignInPageProps {
  /** Where they go afterwards. */
  to: string;
  csrfToken: string;
  /** What was wrong with the last try. */
  problem?: string;
  name?: string;
  /** Whether a provider is another way in. */
  hasSso: boolean;
}

export function renderSignIn({ to, csrfToken, problem, name, hasSso }: SignInPageProps): string {
  return renderDocument({
    title: 'Sign in',
    csrfToken,
    children: (
      <main class="page page-center">
        <div class="container-tight py-4">
          <h1>Sign in to passbridge</h1>
          {problem !== undefined && (
            <p class="alert alert-danger" role="alert">
              {problem}
            </p>
          )}
          <form method="post" action="/sign-in" class="card card-body">
            <CsrfField token={csrfToken} />
            <input type="hidden" name="to" value={to} />
            <div class="mb-3">
              <label class="form-label" for="name">
                Name
              </label>
              <input
                class="form-control"
                id="name"
                name="name"
                value={name}
                required
                autoComplete="username"
                autoFocus
              />
            </div>
            <div class="mb-3">
              <label class="form-label" for="password">
                Password
              </label>
              <input
                class="form-control"
                id="password"
                name="password"
                type="password"
                required
                autoComplete="current-password"
              />
            </div>
            <button class="btn btn-primary" type="submit">
              Sign in
            </button>
          </form>
          {hasSso && (
            <p class="mt-3">
              <a class="btn w-100" href={`/sign-in/sso?to=${encodeURIComponent(to)}`}>
                Sign in with single sign-on
              </a>
            </p>
          )}
        </div>
      </main>
    ),
  });
}

/** For whoever comes from elsewhere while nobody can sign in. */
export function renderLoopbackOnly(): string {
  return renderDocument({
    title: 'Not from here',
    children: (
      <main class="page page-center">
        <div class="container-tight py-4">
          <h1>Not from here</h1>
          <p>{loopbackOnly}</p>
        </div>
      </main>
    ),
  });
}

export const loopbackOnly =
  'Without operators the dashboard answers on its own machine only, at http://localhost. To let people sign in from elsewhere, set OPERATORS_FILE and run `passbridge operators add`.';
