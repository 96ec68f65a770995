import { oneHeader } from '../../protocols/retry-after.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import type { Complaint } from './read-fault.ts';
import { refusedField } from './refused-fields.ts';

/** What may help after a failure, at the same account. */
export type Remedy =
  | { readonly type: 'without-field'; readonly field: string }
  /** `theirTimeMs`: Oracle's wall time, where the answer says it. */
  | { readonly type: 'sign-again'; readonly theirTimeMs: number | undefined };

/**
 * A signature is refused when its date is five minutes off, so it is made once more by the clock that Oracle's answer
 * shows; a field that a model's backend refuses can be left out.
 */
export function remedyOf({ status, error }: Complaint, headers: WireHeaders): Remedy | undefined {
  if (status === 401) return { type: 'sign-again', theirTimeMs: dateOf(headers) };
  const field = status === 400 ? refusedField(error) : undefined;
  return field === undefined ? undefined : { type: 'without-field', field };
}

function dateOf(headers: WireHeaders): number | undefined {
  const atMs = Date.parse(oneHeader(headers, 'date') ?? '');
  return Number.isNaN(atMs) ? undefined : atMs;
}
