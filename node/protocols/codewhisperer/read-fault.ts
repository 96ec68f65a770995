import type { Fault, FaultDetail } from '../../../kit/fault.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { answeredWith } from '../fault-rules.ts';
import { protocolFaults } from '../faults.ts';
import { readRetryAfterMs } from '../retry-after.ts';
import { classify, type Complaint } from './classify.ts';

/** When a used-up quota comes back. */
export interface QuotaTiming {
  /** Wall time, Unix ms. */
  readonly nowMs: number;
  /** The account's own reset (`nextDateReset` of its usage), Unix ms, where it is known. */
  readonly quotaResetAtMs?: number | undefined;
}

/** What each fault was made of, for who can ask another way: a Fault has no room for it. */
const complaints = new WeakMap<Fault, Complaint>();

/** What the service complained of, for a Fault that was made here; undefined for any other. */
export function complaintOf(fault: Fault): Complaint | undefined {
  return complaints.get(fault);
}

/** Reads an error answer of Amazon Q or Kiro: what went wrong, whose fault it is, and when to come back. */
export function readFault(status: number, headers: WireHeaders, body: Buffer, timing: QuotaTiming): Fault {
  return faultOf(classify(status, headers, body), timing, readRetryAfterMs(headers, timing.nowMs));
}

/** The Fault for a complaint, which may come from inside a stream. */
export function faultOf(complaint: Complaint, timing: QuotaTiming, retryAfterMs?: number): Fault {
  const status = answeredWith({ status: complaint.status });
  const detail = answeredWith({ status: complaint.status, retryAfterMs });
  const fault =
    clientFault(complaint, status) ?? accountFault(complaint, detail, timing) ?? serviceFault(complaint, detail);
  complaints.set(fault, complaint);
  return fault;
}

/** What the request is to blame for. */
function clientFault(complaint: Complaint, detail: FaultDetail): Fault | undefined {
  switch (complaint.kind) {
    case 'too-long':
      return protocolFaults.context_too_long(complaint.message || 'Input is too long.', detail);
    case 'too-large':
      return protocolFaults.upstream_rejected(words(complaint, 'the request is too large for the upstream'), {
        ...detail,
        status: 413,
      });
    case 'tool-format':
      // Seen to pass at the next try.
      return protocolFaults.upstream_rejected(words(complaint, ''), { ...detail, retry: 'other-account' });
    case 'rejected':
      return protocolFaults.upstream_rejected(words(complaint, 'the upstream refused the request'), detail);
    default:
      return undefined;
  }
}

/** What the account is to blame for. Own words: those of the service name users, ARNs and tokens. */
function accountFault(complaint: Complaint, detail: FaultDetail, timing: QuotaTiming): Fault | undefined {
  switch (complaint.kind) {
    case 'token-refused':
      return protocolFaults.upstream_token_refused("the upstream says that the account's token has ended", detail);
    case 'suspended':
      return protocolFaults.upstream_account_suspended(
        'AWS has suspended the account; only its support can lift that',
        detail,
      );
    case 'not-entitled':
      return protocolFaults.upstream_not_entitled("the account's plan does not include this service", detail);
    case 'profile-arn-required':
      return protocolFaults.upstream_unauthorised('the upstream wants a profile ARN of this account', detail);
    case 'credential-invalid':
      return protocolFaults.upstream_unauthorised(
        'the upstream does not take this kind of token with this origin',
        detail,
      );
    case 'not-authorised':
      return protocolFaults.upstream_unauthorised(
        'the upstream does not let the account do this: wrong profile ARN, region or client version, or not in its plan',
        detail,
      );
    default:
      return limitFault(complaint, detail, timing);
  }
}

function limitFault({ kind }: Complaint, detail: FaultDetail, timing: QuotaTiming): Fault | undefined {
  switch (kind) {
    case 'monthly-quota':
      return quotaFault('for this month', monthlyResetMs(timing), detail, timing);
    case 'daily-quota':
      return quotaFault('for today', nextDayMs(timing.nowMs), detail, timing);
    case 'rate':
      return protocolFaults.upstream_rate_limited('the upstream limits the rate of the account', detail);
    default:
      return undefined;
  }
}

function quotaFault(period: string, resetAtMs: number, detail: FaultDetail, { nowMs }: QuotaTiming): Fault {
  return protocolFaults.upstream_rate_limited(`the account's quota at the upstream is used up ${period}`, {
    ...detail,
    retryAfterMs: Math.max(detail.retryAfterMs ?? 0, resetAtMs - nowMs),
  });
}

/** A reset that has passed already says nothing of the next one. */
function monthlyResetMs({ nowMs, quotaResetAtMs }: QuotaTiming): number {
  if (quotaResetAtMs !== undefined && quotaResetAtMs > nowMs) return quotaResetAtMs;
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

function nextDayMs(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
}

/** What neither is to blame for. */
function serviceFault(complaint: Complaint, detail: FaultDetail): Fault {
  switch (complaint.kind) {
    case 'unknown-model':
      return protocolFaults.upstream_model_not_found(words(complaint, 'the account does not have the model'), {
        ...detail,
        scope: 'model',
      });
    case 'no-capacity':
    case 'unavailable':
      return protocolFaults.upstream_overloaded(words(complaint, 'the upstream is out of capacity'), {
        ...detail,
        scope: 'model',
      });
    case 'conflict':
      return protocolFaults.upstream_error(words(complaint, 'the upstream is at odds with itself'), {
        ...detail,
        penalty: 'none',
      });
    default:
      return protocolFaults.upstream_error(words(complaint, 'the upstream failed'), {
        ...detail,
        status: complaint.kind === 'timeout' ? 504 : 502,
      });
  }
}

function words({ message, status }: Complaint, otherwise: string): string {
  if (message !== '') return message;
  return status === undefined ? otherwise : `${otherwise} (${status})`;
}
