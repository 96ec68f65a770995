import type { Provider } from '../contract.ts';
import { providerFaults } from '../faults.ts';
import { CodeAssistUpstream } from './code-assist-upstream.ts';
import { type GeminiCredential, geminiCredential } from './credential.ts';
import { geminiInteractiveLogin } from './interactive-login.ts';
import { GeminiKeyUpstream } from './key-upstream.ts';
import { geminiLogin } from './login.ts';

/** Gemini: keys of the public API, and logins of Gemini CLI at Code Assist. */
export const geminiProvider: Provider<GeminiCredential> = {
  id: 'gemini-cli',
  credential: geminiCredential,
  login: geminiLogin,
  interactiveLogin: geminiInteractiveLogin,
  open(account, environment) {
    if (account.api_key !== undefined) return new GeminiKeyUpstream(account, environment);
    const { token } = environment;
    if (token === undefined) throw providerFaults.credential_unusable('creds_file: the login has no token source');
    return new CodeAssistUpstream(account, token, environment);
  },
};
