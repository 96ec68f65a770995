import type { Mesh } from '../../cluster/contract.ts';
import type { Grant, IntentRefusal } from '../../cluster/intents/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { HeldToken, IssuedToken, NeedsLogin, RefreshOutcome } from './contract.ts';
import { tokenFaults } from './faults.ts';
import { hashOf, isOfLaterFence, renewedToken } from './held-token.ts';
import type { RefreshClient } from './refresh-client.ts';
import type { TokenAccount } from './token-account.ts';
import type { LeaderOrder, TokenBoard } from './token-board.ts';
import { loginPayload, tokenPayload } from './token-record.ts';
import type { TokenShelf } from './token-shelf.ts';

/** From the intent to the last byte of the answer; login services take a second, their gateways cut at 30 or 60. */
export const refreshBudgetMs = 30_000;

/** How long a token that is known to be spent may lack a successor before its login is called lost. */
const spentPatienceMs = 600_000;

export interface TokenRefresherParts {
  mesh: Pick<Mesh, 'self' | 'leadership' | 'intents' | 'sealer'>;
  board: TokenBoard;
  client: Pick<RefreshClient, 'refresh'>;
  shelf: TokenShelf;
  clock: Clock;
  log: Log;
}

/** How one try ended: with a token, with a Fault, or so that the next try has another refresh token to send. */
export type RefreshEnd = 'renewed' | 'again' | Fault;

/** A refresh that was granted and sent. */
interface Flight {
  readonly before: HeldToken;
  readonly grant: Grant;
  readonly order: LeaderOrder;
}

/**
 * One refresh of one account by the leader:
 *
 *   intent at a majority ─► still in time? send ─► disk ─► record ─► spent ─► in use
 *
 * Only the sending is fenced. An answer is taken whenever it comes: the token in it is the only one there is.
 */
export class TokenRefresher {
  readonly #parts: TokenRefresherParts;

  constructor(parts: TokenRefresherParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  refresh(account: TokenAccount): Promise<RefreshEnd> {
    const { intents } = this.#parts.mesh;
    const { generation } = account;
    const key = `token/${account.id}`;
    if (intents.doubtful(key)?.generation === generation) account.doubtful = generation;
    return new Promise((done) => {
      intents.begin({ key, generation, budgetMs: refreshBudgetMs }, (result) => {
        if (result === 'spent') this.#noteSpent(account);
        if (typeof result === 'string') done(refusalFault(result));
        // In the tick in which the grant was given: every later one belongs to its budget.
        else done(this.#spend(account, result));
      });
    });
  }

  /** The next token exists, and comes with the node that has it; a node that never returns has taken it along. */
  #noteSpent(account: TokenAccount): void {
    const { clock, log } = this.#parts;
    const nowMs = clock.monotonicMs();
    account.spentSinceMs ??= nowMs;
    if (nowMs - account.spentSinceMs < spentPatienceMs || account.needsLogin !== undefined) return;
    const { fence, clusterId, issuedAtMs } = account.token;
    const refused = { fence, clusterId, issuedAtMs };
    account.lostCount++;
    account.mark({ error: 'spent', isLost: true, sinceMs: clock.nowMs(), login: account.loginHash, refused });
    log.error(`account ${account.id} needs a new login: its refresh token was spent, and the next one never arrived`, {
      account: account.id,
    });
  }

  async #spend(account: TokenAccount, grant: Grant): Promise<RefreshEnd> {
    const before = account.token;
    if (account.generation !== grant.generation) {
      grant.released();
      return 'again';
    }
    // The cluster whose terms the fence counts: an answer may outlive this node's membership of it.
    const clusterId = this.#parts.mesh.leadership.config?.clusterId ?? '';
    const flight = { before, grant, order: { fence: grant.fence, clusterId } };
    const outcome = await this.#parts.client.refresh(account.login, before.refresh, () => grant.mayBegin());
    if (outcome.kind === 'renewed') return this.#renewed(account, flight, outcome.token);
    if (outcome.kind === 'refused') return this.#refused(account, flight, outcome);
    if (outcome.kind === 'unknown' || outcome.maybeSpent) account.doubtful = grant.generation;
    // Answered, or never sent: nothing is under way any more. Else the others keep their distance until the doubt is over.
    if (outcome.kind === 'later') grant.released();
    return outcome.fault;
  }

  async #renewed(account: TokenAccount, { before, grant, order }: Flight, issued: IssuedToken): Promise<RefreshEnd> {
    const { mesh, board, clock, shelf, log } = this.#parts;
    const issue = { nowMs: clock.nowMs(), ...order, self: mesh.self, root: account.root };
    const token = renewedToken(before, issued, issue);
    // A later leader's may have come while this answer was awaited, and may come while this is written.
    if (!isOfLaterFence(account.token, token)) await shelf.keep(account.place, token);
    const told = board.show(account.id, order, tokenPayload(mesh.sealer, account.id, token));
    // The same refresh token again: nothing was used up, and it will be sent the next time too.
    if (hashOf(token.refresh) === grant.generation) grant.released();
    else grant.spent();
    if (told === 'late') {
      log.error(`the new token of account ${account.id} came after another leader's; the others keep theirs`, {
        account: account.id,
      });
    }
    if (isOfLaterFence(account.token, token)) return 'renewed';
    // Changed by a person meanwhile: the token belongs to a login that is no more.
    if (account.token === before || account.token.roots.some((root) => token.roots.includes(root)))
      account.take(token, clock.monotonicMs());
    return 'renewed';
  }

  async #refused(
    account: TokenAccount,
    { before, grant, order }: Flight,
    outcome: RefreshOutcome & { kind: 'refused' },
  ): Promise<RefreshEnd> {
    if (account.generation === grant.generation) account.bury();
    const isChanged = account.generation !== grant.generation || this.#isFoundAnew(account);
    if (isChanged || (await this.#hasAnother(account, grant.generation))) {
      grant.released();
      return 'again';
    }
    const { mesh, board, clock, log } = this.#parts;
    const isLost = account.doubtful === grant.generation;
    const needed: NeedsLogin = {
      error: outcome.error,
      isLost,
      sinceMs: clock.nowMs(),
      login: account.loginHash,
      refused: { fence: before.fence, clusterId: before.clusterId, issuedAtMs: before.issuedAtMs },
    };
    if (isLost) account.lostCount++;
    account.mark(needed);
    board.show(account.id, order, loginPayload(mesh.sealer, account.id, order, needed));
    grant.released();
    const why = isLost ? '; an answer that held the next token was lost before' : '';
    log.error(`account ${account.id} needs a new login: ${outcome.fault.message}${why}`, {
      account: account.id,
      code: outcome.fault.code,
    });
    return outcome.fault;
  }

  /** The place that the login came from may hold another one by now. */
  #isFoundAnew(account: TokenAccount): boolean {
    const { log } = this.#parts;
    try {
      if (!account.reread()) return false;
      log.info(
        `the refresh token of account ${account.id} was refused; its credentials hold another one, which is tried`,
        {
          account: account.id,
        },
      );
      return true;
    } catch (error) {
      log.warn(`the refresh token of account ${account.id} was refused, and its credentials cannot be read again`, {
        account: account.id,
        error,
      });
      return false;
    }
  }

  /** Another program may have logged in anew and written the file; or a person gave one that was not tried yet. */
  async #hasAnother(account: TokenAccount, generation: string): Promise<boolean> {
    const kept = await this.#parts.shelf.read(account.place);
    if (kept !== undefined && kept.fence === undefined && !account.isDead(hashOf(kept.refresh)))
      account.replace(kept, this.#parts.clock.monotonicMs());
    return account.generation !== generation || account.fallBack();
  }
}

function refusalFault(refusal: IntentRefusal): Fault {
  if (refusal === 'not_leader' || refusal === 'no_majority')
    return tokenFaults.token_no_leader('no majority of the cluster agrees to a refresh now');
  if (refusal === 'spent')
    return tokenFaults.token_refresh_pending('this refresh token was spent; the next one has not arrived here yet');
  if (refusal === 'not_durable')
    return tokenFaults.token_no_leader('the intent to refresh could not be written to disk; check the data folder');
  return tokenFaults.token_refresh_pending('another node is refreshing this token, or was a moment ago');
}
