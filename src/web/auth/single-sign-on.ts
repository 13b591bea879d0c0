/** OpenID Connect sign-in: code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636). */

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  customFetch,
  type CustomFetch,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { hasRole, type Operator, type OperatorRole } from '../../domain/operators/operator.ts';
import { routes } from '../paths.ts';
import { identityOf, nameOf, type SsoIdentity } from './sso-identity.ts';

export interface SingleSignOnOptions {
  /** Base URL of the provider; plain HTTP only on this machine. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  /** Claim of the id token that holds the user's groups. */
  roleClaim: string;
  /** Role of each group, in any order; the highest applies. */
  roles: readonly { claim: string; role: OperatorRole }[];
  /** URL at which browsers reach the dashboard. */
  publicUrl: string;
  /** Calls the provider; by default the global one. */
  fetch?: CustomFetch;
}

/** Secrets of one sign-in attempt, kept in the session until the callback. */
export interface SignOnFlow {
  verifier: string;
  state: string;
  nonce: string;
  /** Path to go to afterwards. */
  to: string;
}

/** `name` is set if the provider identified the user but the sign-in was refused. */
export type SignedOn =
  | { ok: true; operator: Operator; identity: SsoIdentity }
  | { ok: false; problem: string; name?: string };

export interface SingleSignOn {
  /** Resolves with the provider's URL for the browser. Rejects if the provider does not answer. */
  start(to: string): Promise<{ url: string; flow: SignOnFlow }>;
  /** Exchanges the code of the callback. `query`: query string of the callback URL. */
  finish(query: string, flow: SignOnFlow): Promise<SignedOn>;
}

/** Timeout of each request to the provider, seconds. */
const TIMEOUT_S = 10;

/** Discovers the provider at the first sign-in, so that an outage there does not prevent a start. */
export function makeSingleSignOn(options: SingleSignOnOptions): SingleSignOn {
  const { issuer, clientId, clientSecret, scopes, publicUrl } = options;
  const callback = publicUrl + routes.ssoCallback;
  let discovered: Promise<Configuration> | undefined;

  const provider = async (): Promise<Configuration> => {
    const isLocal = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(issuer);
    discovered ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      ...(options.fetch !== undefined && { [customFetch]: options.fetch }),
      ...(isLocal && { execute: [allowInsecureRequests] }),
    });
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  };

  return {
    async start(to) {
      const flow = { verifier: randomPKCECodeVerifier(), state: randomState(), nonce: randomNonce(), to };
      const url = buildAuthorizationUrl(await provider(), {
        redirect_uri: callback,
        scope: scopes,
        code_challenge: await calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
      });
      return { url: url.href, flow };
    },
    async finish(query, { verifier, state, nonce }) {
      try {
        const tokens = await authorizationCodeGrant(await provider(), new URL(`${callback}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        return operatorOf(tokens.claims() ?? {}, options);
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'no reason given';
        return { ok: false, problem: `The provider rejected the sign-in: ${reason}.` };
      }
    },
  };
}

/** Returns the operator. Refuses users without a listed role, and users that the provider does not identify. */
function operatorOf(
  claims: Readonly<Record<string, unknown>>,
  { issuer, roleClaim, roles }: SingleSignOnOptions,
): SignedOn {
  const identity = identityOf(claims, issuer);
  if (identity === undefined) {
    return {
      ok: false,
      problem: 'The provider did not send a usable subject (the claim sub), which identifies a user.',
    };
  }
  const name = nameOf(claims, identity);
  const groups = new Set([claims[roleClaim] ?? []].flat());
  const role = roles
    .filter(({ claim }) => groups.has(claim))
    .map((entry) => entry.role)
    .reduce<OperatorRole | undefined>(
      (highest, one) => (highest !== undefined && hasRole(highest, one) ? highest : one),
      undefined,
    );
  if (role !== undefined) return { ok: true, operator: { name, role }, identity };
  const listed = roles.map(({ claim }) => claim).join(', ');
  return {
    ok: false,
    name,
    problem: `${name} does not have access to this dashboard: the claim ${roleClaim} must contain one of ${listed}.`,
  };
}
