import type { Mesh } from '../../cluster/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { Settings } from '../config/index.ts';
import type { AccountTokenView } from '../http/dependencies.ts';
import type { TokenStatus } from '../http/routes/cluster-shapes.ts';
import type { HttpSend, TokenReading } from '../tokens/contract.ts';
import { RefreshClient } from '../tokens/refresh-client.ts';
import { TokenCoordinator } from '../tokens/token-coordinator.ts';
import { TokenFolder } from '../tokens/token-folder.ts';
import { TokenShelf } from '../tokens/token-shelf.ts';

export interface TokensParts {
  settings: Pick<Settings, 'data_dir' | 'home'>;
  mesh: Pick<Mesh, 'self' | 'leadership' | 'intents' | 'records' | 'sealer' | 'post'>;
  accounts: Accounts;
  /** node/forward's `loneExchange()`. */
  send: HttpSend;
  clock: Clock;
  random: Random;
  log: Log;
  /** An account has a token that can be used. */
  onUsable(accountId: string): void;
}

export interface Tokens {
  readonly coordinator: TokenCoordinator;
  /** Tokens that are in memory alone. */
  readonly unwritten: () => number;
}

/** Everything that keeps OAuth tokens fresh. `coordinator.start()` comes before the mesh's, `stop()` before its end. */
export function makeTokens(parts: TokensParts): Tokens {
  const { settings, mesh, accounts, send, clock, random, log, onUsable } = parts;
  const files = new TokenFolder({ dataDir: settings.data_dir, home: settings.home, log });
  const shelf = new TokenShelf({ files, clock, random, log });
  const client = new RefreshClient(send, clock);
  const observer = {
    tokenChanged(id: string) {
      const reading = coordinator.reading(id);
      show(accounts, id, reading);
      if (reading?.isUsable === true) onUsable(id);
    },
  };
  const coordinator: TokenCoordinator = new TokenCoordinator({ mesh, client, shelf, clock, random, log, observer });
  return { coordinator, unwritten: () => shelf.unwritten };
}

/** Routing looks again at an account whose token came or went. */
function show(accounts: Accounts, id: string, reading: TokenReading | undefined): void {
  const account = accounts.get(id);
  if (account === undefined || reading === undefined) return;
  if (reading.isUsable) account.announce();
  else account.reorder();
}

/** The account's token for people. */
export function tokenView(reading: TokenReading | undefined): AccountTokenView | null {
  if (reading === undefined) return null;
  const { expiresAtMs, refreshedBy, needsLogin, isUsable } = reading;
  return {
    state: needsLogin !== undefined ? 'needs_login' : isUsable ? 'usable' : 'waiting',
    expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    refreshed_by: refreshedBy ?? null,
    reason: needsLogin === undefined ? null : reasonOf(needsLogin),
  };
}

/** The same for `GET /cluster/status`. */
export function tokenStatus({ accountId, expiresAtMs, refreshedBy, term, needsLogin }: TokenReading): TokenStatus {
  return {
    account: accountId,
    expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    refreshed_by: refreshedBy ?? null,
    term: term ?? null,
    needs_login: needsLogin !== undefined,
  };
}

function reasonOf({ error, isLost }: NonNullable<TokenReading['needsLogin']>): string {
  return isLost ? `${error}: the answer with the next refresh token was lost` : error;
}
