import { awsDeviceLogin, awsLoginKinds, clientEndText } from '../aws-device-login.ts';
import type { InteractiveLogin, LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';

const defaultRegion = 'us-east-1';

/** Amazon Q's device login. Its accounts hold the login themselves, so the outcome has the fields of an account. */
export const amazonqInteractiveLogin: InteractiveLogin = { kinds: awsLoginKinds, run };

async function run(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome> {
  const login = await awsDeviceLogin(choice, desk, 'Amazon Q Developer for command line');
  return {
    credentials: {
      refresh_token: login.refreshToken,
      client_id: login.clientId,
      client_secret: login.clientSecret,
      ...(login.region === defaultRegion ? {} : { region: login.region }),
      ...(choice.authUrl === undefined ? {} : { token_url: `${choice.authUrl}/token` }),
    },
    summary: `logged in to Amazon Q${clientEndText(login)}`,
  };
}
