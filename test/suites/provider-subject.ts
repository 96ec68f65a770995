import type { Provider } from '../../node/providers/contract.ts';
import type { Upstream as ScriptedUpstream } from '../upstream/upstream.ts';

/** What a provider hands to the compliance suite. */
export interface ProviderSubject<Credential> {
  provider: Provider<Credential>;
  /** Starts what stands in for the provider's API; it answers by the scripts of `test/upstream/README.md`. */
  startUpstream(): Promise<ScriptedUpstream>;
  /** The account's own fields, as the configuration file has them, for this upstream and this credential. */
  accountFields(upstream: ScriptedUpstream, key: string): Record<string, unknown>;
  /** A name that the upstream takes for a model. */
  model: string;
  /** What this provider's format cannot express; the suite leaves those tests out, by name. */
  cannot?: readonly Limit[];
}

export type Limit =
  | 'thinking'
  | 'signed-thinking'
  | 'interleaved-tools'
  | 'images'
  | 'cache-usage'
  | 'model-list'
  | 'reset-headers'
  | 'tool-error-flag'
  | 'tool-choice'
  | 'parallel-switch';
