import type { Provider } from '../contract.ts';
import { type OciCredential, ociCredential } from './credential.ts';
import { OciUpstream } from './upstream.ts';

/** Oracle Cloud's Generative AI: models of xAI, Cohere, Meta, Google and OpenAI behind signed requests. */
export const ociProvider: Provider<OciCredential> = {
  id: 'oci',
  credential: ociCredential,
  open: (account, environment) => new OciUpstream(account, environment),
};
