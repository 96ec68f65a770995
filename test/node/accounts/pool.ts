import { Accounts } from '../../../node/accounts/directory.ts';
import type { PooledAccount } from '../../../node/accounts/account.ts';
import type { AccountDefinition } from '../../../node/accounts/definition.ts';
import type { DirectoryOptions } from '../../../node/accounts/directory.ts';
import type { Upstream } from '../../../node/providers/contract.ts';
import { ManualClock } from '../../manual-clock.ts';

/** Nothing is sent in these tests; an upstream only has to be there. */
export const idleUpstream: Upstream = {
  origin: 'http://127.0.0.1:9',
  upstreamModel: (model) => model,
  speaks: () => false,
  passThrough: unused,
  encode: unused,
  decodeAnswer: unused,
  openDecoder: unused,
  readFault: unused,
  transparent: unused,
  probe: unused,
};

function unused(): never {
  throw new Error('not a part of this test');
}

/** A directory with accounts `a0`, `a1` … and a clock held by the test. */
export function pool(
  definitions: number | Partial<AccountDefinition>[],
  options: Partial<DirectoryOptions> = {},
): { clock: ManualClock; accounts: Accounts; all: readonly PooledAccount[] } {
  const clock = new ManualClock();
  const accounts = new Accounts({ clock, ...options });
  const list = typeof definitions === 'number' ? Array.from({ length: definitions }, () => ({})) : definitions;
  list.forEach((definition, index) => {
    accounts.add({
      definition: { id: `a${index}`, provider: 'openai-custom', ...definition },
      upstream: idleUpstream,
    });
  });
  return { clock, accounts, all: accounts.all };
}

/** The account at a position, which the test knows to be there. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}
