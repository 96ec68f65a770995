import type { Provider } from '../contract.ts';
import { type QwenCredential, qwenCredential } from './credential.ts';
import { qwenInteractiveLogin } from './interactive-login.ts';
import { qwenLogin } from './login.ts';
import { QwenUpstream } from './upstream.ts';

/** Qwen Code's login, and keys of Alibaba Cloud Model Studio. */
export const qwenProvider: Provider<QwenCredential> = {
  id: 'qwen-api',
  credential: qwenCredential,
  login: qwenLogin,
  interactiveLogin: qwenInteractiveLogin,
  open: (account, environment) => new QwenUpstream(account, environment),
};
