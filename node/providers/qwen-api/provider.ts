import { unavailableProvider } from '../unavailable.ts';
import { qwenCredential } from './credential.ts';

export const qwenProvider = unavailableProvider('qwen-api', qwenCredential);
