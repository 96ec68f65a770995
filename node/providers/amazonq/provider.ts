import type { Provider } from '../contract.ts';
import { unavailableProvider } from '../unavailable.ts';
import { amazonqCredential, type AmazonqCredential } from './credential.ts';
import { amazonqLogin } from './login.ts';

export const amazonqProvider: Provider<AmazonqCredential> = {
  ...unavailableProvider('amazonq', amazonqCredential),
  login: amazonqLogin,
};
