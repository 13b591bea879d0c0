/** Signing in by OpenID Connect: the code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636). */

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { mayAct, type Operator, type OperatorRole } from '../../domain/operators/operator.ts';

export interface SingleSignOnOptions {
  /** Base URL of the provider; http only on this machine. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  roleClaim: string;
  roles: readonly { claim: string; role: OperatorRole }[];
  /** Where browsers reach the dashboard. */
  publicUrl: string;
}

/** What is kept of a sign-in that is under way; it is good for one try. */
export interface SignOnFlow {
  verifier: string;
  state: string;
  nonce: string;
  /** Where somebody goes afterwards. */
  to: string;
}

/** Why it came to nothing; `name` where the provider said who it was. */
export type SignedOn = { ok: true; operator: Operator } | { ok: false; problem: string; name?: string };

export interface SingleSignOn {
  /** Where the browser is sent. Rejects where the provider does not answer. */
  begin(to: string): Promise<{ url: string; flow: SignOnFlow }>;
  /** `query`: what the browser came back with. */
  end(query: string, flow: SignOnFlow): Promise<SignedOn>;
}

/** Seconds that the provider has for one answer. */
const PATIENCE_S = 10;

export const CALLBACK = '/sign-in/sso/callback';

/** The provider is asked what it can do when somebody first signs in: it may be away while we start. */
export function makeSingleSignOn(options: SingleSignOnOptions): SingleSignOn {
  const { issuer, clientId, clientSecret, scopes, publicUrl } = options;
  const callback = publicUrl + CALLBACK;
  let known: Promise<Configuration> | undefined;

  const provider = async (): Promise<Configuration> => {
    const isLocal = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(issuer);
    known ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: PATIENCE_S,
      ...(isLocal && { execute: [allowInsecureRequests] }),
    });
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };

  return {
    async begin(to) {
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
    async end(query, { verifier, state, nonce }) {
      try {
        const tokens = await authorizationCodeGrant(await provider(), new URL(`${callback}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        return operatorOf(tokens.claims() ?? {}, options);
      } catch (error) {
        return {
          ok: false,
          problem: `The provider did not let you in: ${error instanceof Error ? error.message : 'no reason given'}.`,
        };
      }
    },
  };
}

/** Named by their e-mail; whoever is nothing that is listed may not come in. */
function operatorOf(
  claims: Readonly<Record<string, unknown>>,
  { roleClaim, roles }: SingleSignOnOptions,
): SignedOn {
  const name = [claims['email'], claims['preferred_username'], claims['sub']].find(
    (claim) => typeof claim === 'string',
  );
  if (typeof name !== 'string')
    return { ok: false, problem: 'The provider did not say who you are: it needs an e-mail.' };
  const has = new Set([claims[roleClaim] ?? []].flat());
  const role = roles
    .filter(({ claim }) => has.has(claim))
    .map((entry) => entry.role)
    .reduce<OperatorRole | undefined>(
      (best, one) => (best !== undefined && mayAct(best, one) ? best : one),
      undefined,
    );
  if (role !== undefined) return { ok: true, operator: { name, role } };
  const wanted = roles.map(({ claim }) => claim).join(', ');
  return {
    ok: false,
    name,
    problem: `${name} may not use this dashboard: ${roleClaim} has to hold one of ${wanted}.`,
  };
}
