import type { LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';
import { proofKey } from '../pkce.ts';
import { redirectCode } from '../redirect-code.ts';
import { postJson, successOf } from '../aws-device-login.ts';
import { socialOrigin, socialOutcome, type SocialProvider } from './social-login.ts';

/** The IDE's own address is the only one that the service is known to send a browser back to. */
const redirectUri = 'kiro://kiro.kiroAgent/authenticate-success';

/** Kiro's browser login with a proof key; the person brings the address at which the browser ended. */
export async function socialBrowserLogin(
  provider: SocialProvider,
  choice: LoginChoice,
  desk: LoginDesk,
): Promise<LoginOutcome> {
  const origin = socialOrigin(choice);
  const key = proofKey();
  const state = proofKey().verifier;
  const { parameters } = await desk.awaitRedirect({
    path: '/',
    redirectUri,
    address: (uri) => {
      const url = new URL('/login', origin);
      url.search = new URLSearchParams({
        idp: provider,
        redirect_uri: uri,
        code_challenge: key.challenge,
        code_challenge_method: 'S256',
        state,
      }).toString();
      return url.href;
    },
  });
  const code = redirectCode(parameters, state);
  const fields = { code, code_verifier: key.verifier, redirect_uri: redirectUri };
  const tokens = successOf(await postJson(desk, origin, '/oauth/token', fields));
  return socialOutcome(provider, tokens, choice, desk);
}
