import type { ProviderId, Upstream } from '../providers/contract.ts';

/** What a person says of an account, without its credential. */
export interface AccountDefinition {
  id: string;
  provider: ProviderId;
  /** `default` when absent. */
  group?: string | undefined;
  /** Share under weighted strategies; 10 when absent (S0's default). */
  weight?: number | undefined;
  /** Requests in flight at once; unbounded when absent (the node's own limit still holds). */
  maxConcurrency?: number | undefined;
  /** True when absent. */
  enabled?: boolean | undefined;
  /** Model names that it lists; absent when its list is not known. */
  models?: Iterable<string> | undefined;
  acceptsUnknownModels?: boolean | undefined;
}

/** An account ready to be taken into the directory. Without an upstream it is kept and shown, and serves nothing. */
export interface AccountEntry {
  definition: AccountDefinition;
  upstream: Upstream | undefined;
  unavailableReason?: string | undefined;
  /** Why it was taken out of service by what its upstream said; it is not enabled then. */
  disabledReason?: string | undefined;
}

/** What may change while the account lives; its id and provider may not. Absent members stay as they are. */
export interface AccountPatch {
  group?: string;
  weight?: number;
  maxConcurrency?: number;
  enabled?: boolean;
  /** null: the list is not known any more. */
  models?: Iterable<string> | null;
  acceptsUnknownModels?: boolean;
  /** null: its provider cannot serve; `unavailableReason` says why. */
  upstream?: Upstream | null;
  unavailableReason?: string | null;
  /** Goes with `enabled: false`; enabling the account takes it away. */
  disabledReason?: string | null;
}
