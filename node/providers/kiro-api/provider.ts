import { CodewhispererUpstream } from '../codewhisperer-upstream.ts';
import type { Provider } from '../contract.ts';
import { kiroCredential, type KiroCredential } from './credential.ts';
import { kiroInteractiveLogin } from './interactive-login.ts';
import { kiroLogin } from './login.ts';
import { readIdentity } from './read-identity.ts';
import { KiroWire } from './wire.ts';

/** AWS Kiro, IDE and command line: Claude and others by a social, Builder ID or IdC login, or by a key. */
export const kiroProvider: Provider<KiroCredential> = {
  id: 'kiro-api',
  credential: kiroCredential,
  login: kiroLogin,
  interactiveLogin: kiroInteractiveLogin,
  open(account, environment) {
    const identity = readIdentity(account, environment.files);
    const { token, notes, clock, random } = environment;
    const isKey = identity.kind === 'api_key';
    return new CodewhispererUpstream({
      wire: new KiroWire({ credential: account, identity, token, notes, clock, random }),
      environment,
      modelMap: account.model_map,
      profileArn: account.profile_arn,
      // Keys belong to no profile.
      issuedArn: () => (isKey ? undefined : (token?.extra('profile_arn') ?? identity.profileArn)),
    });
  },
};
