import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { durationMs } from '../retry-after.ts';

/** What `google.rpc` says beside a message (google-gemini/gemini-cli: googleQuotaErrors.ts, googleErrors.ts). */
export interface ErrorDetails {
  /** Of `ErrorInfo`. */
  reason: string | undefined;
  /** Of `QuotaFailure`. */
  quotaIds: readonly string[];
  /** Of `Help`, or the address where an account is validated. */
  link: string | undefined;
  retryAfterMs: number | undefined;
}

/** Reads the details, and the delay in whichever of its places it stands: RetryInfo, ErrorInfo, the message. */
export function errorDetails(details: Json | undefined, message: string): ErrorDetails {
  const list = Array.isArray(details) ? details.filter(isJsonObject) : [];
  const info = list.find((detail) => typeof detail['reason'] === 'string');
  const metadata = isJsonObject(info?.['metadata']) ? info['metadata'] : {};
  return {
    reason: typeof info?.['reason'] === 'string' ? info['reason'] : undefined,
    quotaIds: list.flatMap(quotaIdsOf),
    link: textIn(metadata, 'validation_url') ?? textIn(metadata, 'validationUrl') ?? helpLink(list),
    retryAfterMs:
      firstDelay(list.map((detail) => detail['retryDelay'])) ??
      firstDelay([metadata['quotaResetDelay']]) ??
      delayInWords(message),
  };
}

function quotaIdsOf({ violations }: JsonObject): string[] {
  if (!Array.isArray(violations)) return [];
  return violations.filter(isJsonObject).flatMap((violation) => textIn(violation, 'quotaId') ?? []);
}

function helpLink(list: readonly JsonObject[]): string | undefined {
  for (const { links } of list) {
    const link = Array.isArray(links) ? links.find(isJsonObject) : undefined;
    if (isJsonObject(link)) return textIn(link, 'url');
  }
  return undefined;
}

function firstDelay(values: readonly (Json | undefined)[]): number | undefined {
  for (const value of values) if (typeof value === 'string') return durationMs(value);
  return undefined;
}

/** "Your quota will reset after 1h2m3s.", "Please retry in 12.5s". */
function delayInWords(message: string): number | undefined {
  const said = /(?:reset after|retry in) ((?:\d+(?:\.\d+)?(?:ms|h|m|s|d))+)/i.exec(message)?.[1];
  return said === undefined ? undefined : durationMs(said);
}

function textIn(from: JsonObject, name: string): string | undefined {
  const value = from[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
