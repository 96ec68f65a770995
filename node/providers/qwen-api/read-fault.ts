import type { Fault, FaultDetail } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { openaiChatDialect } from '../../protocols/openai-chat/index.ts';
import { readRetryAfterMs } from '../../protocols/retry-after.ts';
import { readUpstreamError } from '../../protocols/upstream-message.ts';
import type { WireHeaders } from '../../wire/contract.ts';

/** What a 403 (or a 400) says of the credential; any other speaks of the request, its model or a gateway. */
const tokenWords = /invalid_api_key|invalid access token|token (?:has )?expired/;

/** `credential_refused`: what that means depends on the kind of account. */
export type QwenVerdict = { kind: 'fault'; fault: Fault } | { kind: 'credential_refused' };

/** Codes of an overloaded service, inside bodies of any status. */
const busyCodes: ReadonlySet<string> = new Set(['1302', '1305']);

/**
 * Reads an error answer. Its `type` says `invalid_request_error` whatever happened, so status, code and message decide:
 * 401 and 403 with `insufficient_quota` are quotas; another 401 refuses the credential, and so does what says so.
 */
export function readQwenFault(status: number, headers: WireHeaders, body: Buffer, nowMs: number): QwenVerdict {
  const { code, message = '' } = readUpstreamError(body);
  const words = `${code ?? ''} ${message}`.toLowerCase();
  if (busyCodes.has(String(code))) return found(protocolFaults.upstream_overloaded(busy(status), ofModel(status)));
  if (isQuota(status, words)) return found(quotaFault(status, headers, nowMs));
  if (/\bgood standing\b/.test(words)) return found(suspendedFault(status));
  const isRefused = status === 401 || tokenWords.test(words);
  if (isRefused) return { kind: 'credential_refused' };
  return found(openaiChatDialect.readFault(status, headers, body));
}

function isQuota(status: number, words: string): boolean {
  const canBe = status === 429 || status === 403 || status === 401;
  return canBe && /insufficient_quota|allocated quota exceeded|quota.{0,20}exceeded/.test(words);
}

/** The day's quota comes back at midnight in Shanghai, where no summer time is kept. */
function quotaFault(status: number, headers: WireHeaders, nowMs: number): Fault {
  return protocolFaults.upstream_rate_limited("the account's quota at Qwen is used up", {
    upstreamStatus: status,
    retryAfterMs: readRetryAfterMs(headers) ?? untilMidnightInShanghai(nowMs),
  });
}

/** An unpaid bill, or worse; another token would change nothing. */
function suspendedFault(upstreamStatus: number): Fault {
  const what = 'Alibaba Cloud has suspended the account: it is not in good standing';
  return protocolFaults.upstream_account_suspended(what, { upstreamStatus });
}

const dayMs = 86_400_000;
const shanghaiOffsetMs = 8 * 3_600_000;

export function untilMidnightInShanghai(nowMs: number): number {
  return dayMs - ((nowMs + shanghaiOffsetMs) % dayMs);
}

function found(fault: Fault): QwenVerdict {
  return { kind: 'fault', fault };
}

function ofModel(upstreamStatus: number): FaultDetail {
  return { upstreamStatus, scope: 'model' };
}

function busy(status: number): string {
  return `Qwen is out of capacity (${status})`;
}
