import { unavailableProvider } from '../unavailable.ts';
import { geminiCredential } from './credential.ts';

export const geminiProvider = unavailableProvider('gemini-cli', geminiCredential);
