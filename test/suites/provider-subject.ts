import type { Provider, ProviderEnvironment } from '../../node/providers/contract.ts';
import type { Upstream as ScriptedUpstream } from '../upstream/upstream.ts';

/** What a provider hands to the compliance suite. */
export interface ProviderSubject<Credential> {
  provider: Provider<Credential>;
  /** Starts what stands in for the provider's API; it answers by the scripts of `test/upstream/README.md`. */
  startUpstream(): Promise<ScriptedUpstream>;
  /** The account's own fields, as the configuration file has them, for this upstream and this credential. */
  accountFields(upstream: ScriptedUpstream, key: string): Record<string, unknown>;
  /** What else the account gets, such as the token of its login. */
  environment?(upstream: ScriptedUpstream, key: string): Partial<ProviderEnvironment>;
  /** The code of a refused credential where it is not `upstream_unauthorised`: of a login, and of an account that is no more. */
  refusedAs?: Partial<Record<'wrong key' | '401' | '403' | 'suspended', string>>;
  /** A name that the upstream takes for a model. */
  model: string;
  /** The models that the upstream lists, where they are not those of `defaultModels`. */
  listed?: readonly string[];
  /** What this provider's format cannot express; the suite leaves those tests out, by name. */
  cannot?: readonly Limit[];
}

export type Limit =
  | 'thinking'
  | 'signed-thinking'
  /** Thoughts are told only to those who ask for them. */
  | 'unasked-thinking'
  | 'interleaved-tools'
  | 'images'
  | 'cache-usage'
  | 'model-list'
  | 'reset-headers'
  | 'tool-error-flag'
  | 'tool-choice'
  | 'parallel-switch'
  /** A bound of the output. */
  | 'output-bound'
  /** An end that says that the model refused. */
  | 'refusal';
