import { describe, expect, it } from 'vitest';
import { askTimeoutMs, claimMsMax, claimsPerSecondMax, peerAnswerBytesMax } from '../../../node/cache/mesh/limits.ts';
import { FakeMesh, three } from './fake-mesh.ts';
import { ask, askForYoung, label, type Request } from './mesh-client.ts';

const one = label('one');

describe('an answer of one member', () => {
  it('is told to the owner of its key and serves the others, who keep it', () => {
    const { n1, n2, n3, mesh, pass } = three();
    const first = ask(n1, one);
    expect(first.state).toBe('waits');
    pass();
    expect(first.state).toBe('asks');
    first.answered('hello');
    pass();
    const second = ask(n2, one);
    pass();
    expect(second.state).toBe('peer hello');
    expect(ask(n2, one).state).toBe('hit hello');
    expect(ask(n3, one).state).toBe('hit hello');
    expect(n2.cache.reading()).toMatchObject({ hits: 2, misses: 0, peerHits: 1 });
    expect(n3.cache.reading()).toMatchObject({ hits: 1, misses: 0, peerHits: 0 });
    expect(mesh.clock.pendingCount).toBe(3);
  });

  it('is as old elsewhere as it is', () => {
    const { n1, n2, n3, pass } = three();
    ask(n3, one).answered('hello');
    pass(600_000 - 50);
    const request = ask(n1, one);
    pass();
    expect(request.state).toBe('peer hello');
    pass(50);
    expect(n1.cache.find(one.key, Infinity)).toBeUndefined();
    expect(ask(n2, one).state).toBe('waits');
  });

  it('is not given to those for whom it is too old, of whom one asks the upstream for all', () => {
    const { n1, n2, n3, pass } = three();
    ask(n3, one).answered('old');
    pass(5000);
    const young = [askForYoung(n2, one, 1000), askForYoung(n2, one, 1000)] as const;
    const content = ask(n2, one);
    pass();
    expect([...young, content].map(({ state }) => state)).toEqual(['asks', 'waits', 'peer old']);
    young[0].answered('new');
    expect(young[1].state).toBe('hit new');
    expect(ask(n2, one).state).toBe('hit new');
    const patient = askForYoung(n1, one, 60_000);
    pass();
    expect(patient.state).toMatch(/^peer /);
  });

  it('counts when it lies in the socket of a node whose timers are due at the same moment', () => {
    const mesh = new FakeMesh({ owner: 'n3', delayMs: [askTimeoutMs / 2, askTimeoutMs / 2] });
    const [n3, n2] = [mesh.node('n3'), mesh.node('n2')];
    ask(n3, one).answered('hello');
    const request = ask(n2, one);
    mesh.clock.advance(askTimeoutMs + 1);
    expect(request.state).toBe('peer hello');
  });

  it('stays with its member when it is too large for a message', () => {
    const { n1, n2, n3, mesh, pass } = three();
    n1.cache.reconfigure({ bytesMax: 1024 ** 3, ttlMs: 600_000 });
    const first = ask(n1, one);
    pass();
    const second = ask(n2, one);
    pass();
    first.answered('x'.repeat(peerAnswerBytesMax + 1));
    pass();
    expect(second.state).toBe('asks');
    expect(n3.cache.reading().entries).toBe(0);
    expect(mesh.sent).not.toContain('cache.put n1 n3');
  });

  it('asks nobody at the owner, and nobody at all alone', () => {
    const { n3, mesh } = three();
    expect(ask(n3, one).state).toBe('asks');
    const alone = new FakeMesh({ nodes: 1 });
    expect(ask(alone.nodes[0]!, one).state).toBe('asks');
    expect([...mesh.sent, ...alone.sent]).toEqual([]);
  });
});

describe('identical requests at several members', () => {
  it('wait for the one call, wherever it is made', () => {
    const { n1, n2, n3, pass } = three();
    const requests = [n1, n2, n3, n1, n2].map((node) => {
      const request = ask(node, one);
      pass(3);
      return request;
    });
    expect(requests.map(({ state }) => state)).toEqual(['asks', 'waits', 'waits', 'waits', 'waits']);
    requests[0]?.answered('hello');
    pass();
    expect(requests.slice(1).map(({ state }) => state)).toEqual([
      'peer hello',
      'peer hello',
      'hit hello',
      'peer hello',
    ]);
    expect(n3.cache.reading()).toMatchObject({ hits: 1, misses: 0 });
  });

  it('go on one after the other when calls fail', () => {
    const { n1, n2, n3, pass } = three();
    const [first, second, third] = [n1, n2, n3].map((node) => {
      const request = ask(node, one);
      pass(3);
      return request;
    }) as [Request, Request, Request];
    first.place?.fail();
    pass();
    expect([second.state, third.state]).toEqual(['asks', 'waits']);
    second.place?.fail();
    pass();
    expect(third.state).toBe('asks');
    expect(n3.side).toBeDefined();
  });

  it('all go on when the answer is for one client alone', () => {
    const { n1, n2, n3, pass } = three();
    const requests = [n1, n2, n3].map((node) => {
      const request = ask(node, one);
      pass(3);
      return request;
    });
    requests[0]?.place?.forbid();
    pass();
    // Forbidden is not answered: for the owner it is a failure, after which one goes on.
    expect(requests[1]?.state).toBe('asks');
    requests[1]?.answered('hello');
    pass();
    expect(requests[2]?.state).toBe('peer hello');
  });

  it('go on when the member that asks the upstream dies, or says nothing for too long', () => {
    for (const silence of ['dies', 'is silent'] as const) {
      const { mesh, n1, n2, pass } = three();
      ask(n1, one);
      pass();
      const second = ask(n2, one);
      pass();
      expect(second.state).toBe('waits');
      if (silence === 'dies') mesh.kill('n1');
      else {
        n1.isFrozen = true;
        pass(Math.min(claimMsMax, 60_000));
      }
      pass();
      expect(second.state).toBe('asks');
    }
  });

  it('go on when the owner dies, freezes or gets out of reach while they wait', () => {
    for (const trouble of ['dies', 'freezes', 'is out of reach'] as const) {
      const { mesh, n1, n2, n3, pass } = three();
      ask(n1, one);
      pass();
      const second = ask(n2, one);
      pass();
      expect(second.state).toBe('waits');
      if (trouble === 'dies') mesh.kill('n3');
      if (trouble === 'freezes') n3.isFrozen = true;
      if (trouble === 'is out of reach') n2.away.add('n3');
      pass(2100);
      expect(second.state, trouble).toBe('asks');
    }
  });

  it('leave no trace once they are over', () => {
    const { mesh, n1, n2, n3, pass } = three();
    const requests = [n1, n2, n3, n2].map((node) => ask(node, one));
    pass();
    for (const request of requests) request.place?.leave();
    pass();
    expect(mesh.clock.pendingCount).toBe(0);
    expect(ask(n1, one).state).toBe('waits');
    pass();
  });
});

describe('an owner that does not answer', () => {
  it('is waited for 20 ms, and after three times not asked for a while', () => {
    const { mesh, n1, n3, pass } = three();
    n3.isFrozen = true;
    for (const name of ['a', 'b', 'c']) {
      const request = ask(n1, label(name));
      pass(19);
      expect(request.state).toBe('waits');
      pass(1);
      expect(request.state).toBe('asks');
    }
    expect(ask(n1, label('d')).state).toBe('asks');
    pass(1000);
    n3.isFrozen = false;
    const later = ask(n1, label('e'));
    expect(later.state).toBe('waits');
    pass();
    expect(later.state).toBe('asks');
    expect(mesh.sent.filter((line) => line.startsWith('cache.claim'))).toHaveLength(4);
  });

  it('is asked no more often than it can bear', () => {
    const { mesh, n1 } = three();
    for (let count = 0; count < 2 * claimsPerSecondMax; count++) ask(n1, label(String(count)));
    expect(mesh.sent).toHaveLength(claimsPerSecondMax);
    mesh.clock.advance(1000);
  });

  it('is asked again when its answer gets lost', () => {
    const { mesh, n1, n2, pass } = three();
    const first = ask(n1, one);
    pass();
    const second = ask(n2, one);
    pass();
    expect(second.state).toBe('waits');
    first.answered('hello');
    pass(1);
    // The owner has the answer and hands it on; that message is lost.
    mesh.loss = 1;
    pass(1);
    second.node.away.add('n3');
    pass(1);
    second.node.away.delete('n3');
    mesh.loss = 0;
    pass(1100);
    expect(second.state).toBe('peer hello');
  });
});
