import { unavailableProvider } from '../unavailable.ts';
import { amazonqCredential } from './credential.ts';

export const amazonqProvider = unavailableProvider('amazonq', amazonqCredential);
