import { type Fault, isFault } from '../../kit/fault.ts';
import { type JsonObject, parseJsonObject } from '../../kit/json.ts';
import { providerFaults } from './faults.ts';
import type { LoginDesk, ProviderAnswer } from './contract.ts';

/** What the device flow of one service does in its own way (RFC 8628). */
export interface DevicePoll {
  /** Asks once for the tokens. */
  ask(): Promise<ProviderAnswer>;
  intervalMs: number;
  expiresInMs: number;
  /** The next interval after the service said `slow_down`. */
  slower(intervalMs: number): number;
  /** Why the service gives no tokens yet, or never will, where it says so elsewhere than in `error`, or with a 200. */
  errorOf?(body: JsonObject): string | undefined;
}

/** A service that names no pause, or none to speak of, is not asked without one. */
const intervalMsMin = 1_000;

/** Asks until the person has confirmed; gives the token answer. Throws `login_failed`, or what aborts the desk's signal. */
export async function pollDevice(poll: DevicePoll, desk: LoginDesk): Promise<JsonObject> {
  const untilMs = desk.clock.monotonicMs() + poll.expiresInMs;
  let intervalMs = poll.intervalMs >= intervalMsMin ? poll.intervalMs : intervalMsMin;
  while (desk.clock.monotonicMs() < untilMs) {
    await desk.wait(intervalMs);
    desk.signal.throwIfAborted();
    const answer = await askOnce(poll);
    // The person is in the browser: a connection that broke is no reason to begin anew.
    if (answer === undefined) continue;
    const body = jsonOf(answer);
    // A gateway's page or nothing at all says nothing about the login.
    if (Object.keys(body).length === 0) continue;
    const said = poll.errorOf?.(body);
    if (answer.status === 200 && said === undefined) return body;
    const error = said ?? errorOf(body);
    if (error === 'slow_down') intervalMs = poll.slower(intervalMs);
    else if (error !== 'authorization_pending' && answer.status < 500) throw refused(error, answer.status);
  }
  throw refused('expired_token', 400);
}

/** Undefined when the service could not be reached this time. */
async function askOnce(poll: DevicePoll): Promise<ProviderAnswer | undefined> {
  try {
    return await poll.ask();
  } catch (error) {
    if (isFault(error) && error.retry === 'after') return undefined;
    throw error;
  }
}

/** An answer's JSON object; empty when it is none. */
export function jsonOf({ body }: ProviderAnswer): JsonObject {
  // A gateway may answer with a page: what counts is the status then.
  return parseJsonObject(body.toString()) ?? {};
}

/** A field that the answer must have. Throws `login_failed`. */
export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw providerFaults.login_failed(`the login service answered without ${name}`);
}

/** The Fault for what a login service refused, in words that say what to do. */
export function refused(error: string | undefined, status: number): Fault {
  return providerFaults.login_failed(reasons.get(error ?? '') ?? `the login service refused: ${error ?? status}`);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'the login was denied in the browser'],
  ['expired_token', 'the code ran out before it was confirmed; start the login again'],
  ['invalid_client', 'the login service does not know this client; check client_id and client_secret'],
]);

function errorOf(body: JsonObject): string | undefined {
  return typeof body['error'] === 'string' ? body['error'] : undefined;
}
