/** What tells the services apart that share the operation, and what a test may change while one runs. */
export interface Service {
  readonly name: 'amazonq' | 'kiro';
  /** Good `X-Amz-Target`s of the chat call at `POST /`. */
  readonly chatTargets: readonly string[];
  /** What stands before the point in the targets of side calls. */
  readonly sideTargets: readonly string[];
  /** Origins that this service's tokens may name. */
  readonly origins: readonly string[];
  /** How the quota's end is told; both services tell it by the same reason. */
  readonly quota: { readonly status: number; readonly type: string; readonly message: string };
  /** A message beside tool results or calls may have no text. */
  readonly takesEmptyContent: boolean;
  /** Kiro's new host: members of the body that the old one does not know, the reason of the end told. */
  isRuntime: boolean;
  /** Calls without a profile ARN are refused. */
  requiresProfile: boolean;
  /** Models and profiles a page. */
  pageSize: number;
  /** What `getUsageLimits` says. */
  readonly usage: UsageState;
}

export interface UsageState {
  used: number;
  limit: number;
  /** Wall ms. */
  resetAtMs: number;
}

export const windowTokens = 200_000;
