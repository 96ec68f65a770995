import type { TokenNumbers } from './contract.ts';
import { accountLabelsMax, metricNames } from './names.ts';
import type { Labels, MetricsRegistry } from './registry.ts';

/** Shows the OAuth tokens of the accounts: how their refreshes go, and who needs a person. */
export function exposeTokens(
  registry: MetricsRegistry,
  tokens: () => readonly TokenNumbers[],
  unwritten: () => number,
): void {
  const rows = (read: (token: TokenNumbers) => [Labels, number][]) => () =>
    tokens().slice(0, accountLabelsMax).flatMap(read);
  const labels = ({ accountId, provider }: TokenNumbers) => ({ account: accountId, provider });
  registry.readAtScrape(
    metricNames.tokenRefreshes,
    rows((token) => [
      [{ ...labels(token), status: 'success' }, token.renewedCount],
      [{ ...labels(token), status: 'error' }, token.failedCount],
    ]),
  );
  registry.readAtScrape(
    metricNames.tokensLost,
    rows((token) => [[labels(token), token.lostCount]]),
  );
  registry.readAtScrape(
    metricNames.tokenNeedsLogin,
    rows((token) => [[labels(token), token.needsLogin === undefined ? 0 : 1]]),
  );
  registry.readAtScrape(
    metricNames.tokenExpires,
    rows((token) => [[labels(token), (token.expiresAtMs ?? 0) / 1000]]),
  );
  registry.readAtScrape(metricNames.tokensUnwritten, () => [[{}, unwritten()]]);
}
