import { describe, expect, it } from 'vitest';
import { OwnNetwork } from '../../../../node/assembly/mesh/own-network.ts';
import { defineFaults } from '../../../../kit/fault.ts';
import { silentLog } from '../../../../kit/log.ts';
import { Accounts } from '../../../../node/accounts/directory.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { idleUpstream } from '../../accounts/pool.ts';

const faults = defineFaults({
  upstream_unreachable: { source: 'upstream', retry: 'after', status: 502, summary: 'nobody answers' },
  upstream_error: { source: 'upstream', retry: 'after', status: 502, summary: 'a bad answer' },
} as const);

/** Accounts `a0`, `a1` … at a host each; `reachable` is what a probe finds. */
function node(hosts: readonly string[], isAnyOtherWell = true) {
  const clock = new ManualClock();
  const accounts = new Accounts({ clock });
  const reachable = new Set<string>();
  const changes: boolean[] = [];
  hosts.forEach((host, index) =>
    accounts.add({
      definition: { id: `a${index}`, provider: 'openai-custom' },
      upstream: { ...idleUpstream, origin: `http://${host}` },
    }),
  );
  const network = new OwnNetwork({
    clock,
    accounts,
    log: silentLog,
    isAnyOtherWell: () => isAnyOtherWell,
    onChange: (isAtFault) => changes.push(isAtFault),
    reaches: (host) => Promise.resolve(reachable.has(host)),
  });
  network.start();
  const opens = (index: number, code: keyof typeof faults = 'upstream_unreachable') => {
    const account = accounts.get(`a${index}`)!;
    const nowMs = clock.nowMs();
    network.breakerOpened?.({
      account,
      model: undefined,
      nowMs,
      origin: 'own',
      untilMs: nowMs + 1000,
      fault: faults[code]('told'),
    });
  };
  const tick = async () => {
    clock.advance(3000);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { network, changes, reachable, opens, tick };
}

describe('the own network', () => {
  it('is at fault when every account is silent while another member is well, until a host answers', async () => {
    const { changes, opens, reachable, tick } = node(['one', 'two']);
    opens(0);
    expect(changes).toEqual([]);
    opens(1);
    expect(changes).toEqual([true]);
    await tick();
    expect(changes).toEqual([true]);
    reachable.add('two');
    await tick();
    expect(changes).toEqual([true, false]);
    await tick();
    expect(changes).toEqual([true, false]);
  });

  it.each([
    ['one host alone is silent', ['one', 'one'], 'upstream_unreachable', true],
    ['the hosts answer badly', ['one', 'two'], 'upstream_error', true],
    ['no other member is well', ['one', 'two'], 'upstream_unreachable', false],
  ] as const)('is not at fault when %s', (_what, hosts, code, isAnyOtherWell) => {
    const { network, opens } = node(hosts, isAnyOtherWell);
    opens(0, code);
    opens(1, code);
    expect(network.isAtFault).toBe(false);
  });
});
