import { awsDeviceLogin, awsLoginKinds, clientEndText } from '../aws-device-login.ts';
import type { InteractiveLogin, LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';
import { socialDeviceLogin } from './social-device-login.ts';
import { socialBrowserLogin } from './social-browser-login.ts';

/**
 * Kiro's logins: Builder ID and IdC by a code, Google and GitHub by the browser or (`…-device`) by a code. The outcome has
 * the form of the IDE's `kiro-auth-token.json`, with the registration in it.
 */
export const kiroInteractiveLogin: InteractiveLogin = {
  kinds: [...awsLoginKinds, 'google', 'github', 'google-device', 'github-device'],
  run,
};

function run(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome> {
  const provider = choice.kind.startsWith('google') ? 'Google' : 'Github';
  if (choice.kind.endsWith('-device')) return socialDeviceLogin(provider, choice, desk);
  if (choice.kind === 'google' || choice.kind === 'github') return socialBrowserLogin(provider, choice, desk);
  return awsLogin(choice, desk);
}

async function awsLogin(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome> {
  const login = await awsDeviceLogin(choice, desk, 'Kiro IDE');
  return {
    credentials: {
      authMethod: 'IdC',
      provider: login.startUrl === undefined ? 'BuilderId' : 'Enterprise',
      accessToken: login.accessToken,
      refreshToken: login.refreshToken,
      expiresAt: new Date(login.expiresAtMs).toISOString(),
      clientId: login.clientId,
      clientSecret: login.clientSecret,
      region: login.region,
      ...(choice.authUrl === undefined ? {} : { tokenUrl: `${choice.authUrl}/token` }),
    },
    summary: `logged in to Kiro${clientEndText(login)}`,
  };
}
