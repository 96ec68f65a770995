import type { Clock } from '../../kit/clock.ts';
import type { Secret } from '../../kit/secret.ts';
import type { TokenLogin } from '../providers/contract.ts';
import type { HttpOutcome, HttpSend, RefreshOutcome } from './contract.ts';
import { tokenFaults } from './faults.ts';
import { jsonObject, readIssued } from './refresh-answer.ts';
import { readRefusal } from './refresh-refusal.ts';
import { refreshRequest } from './refresh-request.ts';

/** A token answer has a few kilobytes; an id token with many claims some tens. */
const answerBytesMax = 256 * 1024;

/** Spends a refresh token at its login service, whatever the provider: `TokenLogin` says how. */
export class RefreshClient {
  readonly #send: HttpSend;
  readonly #clock: Clock;

  constructor(send: HttpSend, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /**
   * `mayWrite` is asked in the tick in which the request would be written; when it says no, nothing is sent. The answer is
   * waited for as long as the connection lives. Never rejects.
   */
  async refresh(login: TokenLogin, refresh: Secret, mayWrite: () => boolean): Promise<RefreshOutcome> {
    const request = refreshRequest(login, refresh);
    return this.#read(login, await this.#send({ url: login.url, ...request, answerBytesMax, mayWrite }));
  }

  #read(login: TokenLogin, outcome: HttpOutcome): RefreshOutcome {
    if (outcome.kind === 'not_sent') {
      const isOurs = outcome.fault.source === 'node';
      const fault = isOurs
        ? outcome.fault
        : tokenFaults.token_service_failed('the login service cannot be reached', { cause: outcome.fault });
      return { kind: 'later', maybeSpent: false, fault };
    }
    if (outcome.kind === 'unknown') {
      const fault = tokenFaults.token_outcome_unknown(
        'the connection to the login service broke after the refresh token was sent',
        { cause: outcome.fault },
      );
      return { kind: 'unknown', fault };
    }
    return this.#readAnswer(login, outcome);
  }

  #readAnswer(login: TokenLogin, answer: HttpOutcome & { kind: 'answered' }): RefreshOutcome {
    const nowMs = this.#clock.nowMs();
    const { status, headers, body } = answer;
    if (status < 200 || status >= 300) return readRefusal(login, status, headers, body, nowMs);
    const parsed = jsonObject(body);
    const token = parsed === undefined ? undefined : readIssued(parsed, login, nowMs);
    if (token !== undefined) return { kind: 'renewed', token };
    // Some services wrap a refusal in a 200.
    const isRefusal = parsed !== undefined && Object.hasOwn(parsed, 'error');
    if (isRefusal) return readRefusal(login, 400, headers, body, nowMs);
    const fault = tokenFaults.token_answer_malformed(`the login service answered ${status} without a token`);
    return { kind: 'later', maybeSpent: true, fault };
  }
}
