import type { Mesh } from '../../cluster/contract.ts';
import type { NodeId } from '../../cluster/membership/contract.ts';
import { isFault } from '../../kit/fault.ts';
import type { Clock } from '../../kit/clock.ts';
import { tokenFaults } from './faults.ts';
import { hashOf } from './held-token.ts';
import type { RefreshRounds } from './refresh-rounds.ts';
import type { TokenAccount } from './token-account.ts';
import { readTokenRecord, tokenPayload } from './token-record.ts';

const service = 'tokens.refresh';

/** How long a node waits for the leader's answer: a refresh takes a second, and the asker tries again. */
const askTimeoutMs = 10_000;
/** Questions that wait for one refresh; a cluster has far fewer nodes, and each asks once at a time. */
const askersMax = 1_000;

/** What the asker learns. `pending`: the leader is at it, or could not do it now; ask again later. */
export type Advice =
  | { readonly kind: 'newer' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'pending' };

export interface RefreshDeskParts {
  mesh: Pick<Mesh, 'leadership' | 'post' | 'sealer'>;
  rounds: RefreshRounds;
  find: (accountId: string) => TokenAccount | undefined;
  clock: Clock;
}

/** Where nodes ask their leader for a refresh, and where the leader answers. */
export class RefreshDesk {
  readonly #parts: RefreshDeskParts;
  #askers = 0;

  constructor(parts: RefreshDeskParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.mesh.post.serve(service, (from, body, answer) => this.#serve(from, readQuestion(body), answer));
  }

  /**
   * Asks the leader for another token than `failed` (the hash of an access token; undefined: a refresh in any case).
   * What it answers is taken at once. Undefined when there is nobody to ask, or no answer came in time.
   */
  ask(account: TokenAccount, failed: string | undefined): Promise<Advice | undefined> {
    const { leadership, post, sealer } = this.#parts.mesh;
    const { leader } = leadership;
    if (leader === undefined || leader === post.self) return Promise.resolve(undefined);
    const { token } = account;
    // A token that the others may have missed: it was written here by one that died before it could tell.
    const offer = token.fence === undefined ? undefined : tokenPayload(sealer, account.id, token);
    const question = { account: account.id, failed, offer };
    return new Promise((done) => {
      post.ask(leader, service, question, askTimeoutMs, (answer) => done(this.#readAnswer(account, answer)));
    });
  }

  #serve(_from: NodeId, question: Question, answer: (body: unknown) => void): void {
    const account = this.#parts.find(question.account);
    const isBusy = this.#askers >= askersMax;
    if (account === undefined || isBusy || !this.#parts.mesh.leadership.isSelf) return answer({ kind: 'pending' });
    if (question.offer !== undefined) this.#offer(account, question.offer);
    const current = account.current();
    const hasNewer = question.failed !== undefined && current !== undefined && hashOf(current) !== question.failed;
    if (hasNewer) return answer(this.#newer(account));
    // The upstream's word to one node counts for all, unless the token is too new for it.
    if (question.failed !== undefined && current !== undefined) {
      const isBelieved = account.noteRefused(current, this.#parts.clock.monotonicMs());
      if (!isBelieved) return answer({ kind: 'pending' });
    }
    const { needsLogin } = account;
    if (needsLogin !== undefined && question.failed !== undefined)
      return answer({ kind: 'failed', code: 'token_needs_login', message: needsLogin.error });
    void this.#refresh(account, answer);
  }

  async #refresh(account: TokenAccount, answer: (body: unknown) => void): Promise<void> {
    this.#askers++;
    const end = await (this.#parts.rounds.refreshNow(account) ?? 'again');
    this.#askers--;
    if (end === 'renewed') answer(this.#newer(account));
    else if (isFault(end)) answer({ kind: 'failed', code: end.code, message: end.message });
    else answer({ kind: 'pending' });
  }

  #newer(account: TokenAccount): object {
    return { kind: 'newer', token: tokenPayload(this.#parts.mesh.sealer, account.id, account.token) };
  }

  #offer(account: TokenAccount, payload: unknown): boolean {
    const news = readTokenRecord(this.#parts.mesh.sealer, account.id, payload);
    if (news === undefined || !('token' in news)) return false;
    return account.offer(news.token, this.#parts.clock.monotonicMs());
  }

  #readAnswer(account: TokenAccount, answer: unknown): Advice | undefined {
    if (!isRecord(answer)) return undefined;
    const { kind, token, code, message } = answer;
    if (kind === 'newer') {
      this.#offer(account, token);
      return { kind };
    }
    if (kind === 'failed' && typeof code === 'string' && typeof message === 'string')
      return { kind, code: code.slice(0, 64), message: message.slice(0, 256) };
    return { kind: 'pending' };
  }
}

interface Question {
  readonly account: string;
  readonly failed: string | undefined;
  /** As in a record; undefined: none. */
  readonly offer: unknown;
}

/** Throws `token_message_malformed`. */
function readQuestion(body: unknown): Question {
  if (!isRecord(body)) throw tokenFaults.token_message_malformed('a question about a token is no object');
  const { account, failed, offer } = body;
  if (typeof account !== 'string' || account.length > 256)
    throw tokenFaults.token_message_malformed('a question about a token names no account');
  const isHash = failed === undefined || failed === null || (typeof failed === 'string' && failed.length <= 64);
  if (!isHash) throw tokenFaults.token_message_malformed('a question about a token names no token');
  return { account, failed: failed ?? undefined, offer };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
