import type { JsonObject } from '../../../kit/json.ts';
import type { DelayPlace } from './errors.ts';
import type { GeminiOauth } from './oauth.ts';

/** What `loadCodeAssist` finds for a login. */
export type Discovery =
  | { kind: 'current'; tier?: string; project?: string | { id: string } }
  | { kind: 'onboard'; tier?: string; polls: number; project?: string; hasDefault?: boolean }
  | { kind: 'unsupported-client'; message?: string }
  | { kind: 'validation'; url: string }
  | { kind: 'vpc-sc' }
  | { kind: 'ineligible'; reasonCode: string; message: string };

export interface GeminiState {
  readonly oauth: GeminiOauth;
  discovery: Discovery;
  /** Projects that Code Assist serves. */
  readonly projects: Set<string>;
  /** Where a 429 with a time says it. */
  delayIn: DelayPlace;
  /** Bodies of `onboardUser` calls, in order. */
  readonly onboardings: JsonObject[];
}
