import { unavailableProvider } from '../unavailable.ts';
import { kiroCredential } from './credential.ts';

export const kiroProvider = unavailableProvider('kiro-api', kiroCredential);
