import { CodewhispererUpstream } from '../codewhisperer-upstream.ts';
import type { Provider } from '../contract.ts';
import { amazonqCredential, type AmazonqCredential } from './credential.ts';
import { amazonqInteractiveLogin } from './interactive-login.ts';
import { amazonqLogin } from './login.ts';
import { AmazonqWire } from './wire.ts';

/** Amazon Q Developer: Claude for holders of an AWS Builder ID or an IAM Identity Center login. */
export const amazonqProvider: Provider<AmazonqCredential> = {
  id: 'amazonq',
  credential: amazonqCredential,
  login: amazonqLogin,
  interactiveLogin: amazonqInteractiveLogin,
  open: (account, environment) =>
    new CodewhispererUpstream({
      wire: new AmazonqWire(account, environment),
      environment,
      modelMap: account.model_map,
      profileArn: account.profile_arn,
      issuedArn: () => undefined,
    }),
};
