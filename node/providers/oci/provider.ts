import { unavailableProvider } from '../unavailable.ts';
import { ociCredential } from './credential.ts';

export const ociProvider = unavailableProvider('oci', ociCredential);
