import { describe, expect, it } from 'vitest';
import { OwnHealth } from '../../../../node/assembly/mesh/own-health.ts';
import { Readiness } from '../../../../node/http/readiness.ts';

function starting() {
  const readiness = new Readiness();
  const told: string[] = [];
  const health = new OwnHealth({ setHealth: (state) => told.push(state) }, readiness);
  readiness.enter('joining');
  return { health, readiness, told };
}

describe('how a node is', () => {
  it('is not well by a network that works again before it has joined', () => {
    const { health, readiness, told } = starting();
    health.networkAtFault(true);
    expect(readiness.phase).toBe('own_network');
    health.networkAtFault(false);
    expect(readiness.phase).toBe('joining');
    health.joined();
    expect(readiness.isReady).toBe(true);
    expect(told).toEqual(['own_network', 'joining', 'well']);
  });

  it('is not well by joining while its network is at fault', () => {
    const { health, readiness, told } = starting();
    health.networkAtFault(true);
    health.joined();
    expect(readiness.isReady).toBe(false);
    health.networkAtFault(false);
    expect(readiness.isReady).toBe(true);
    expect(told).toEqual(['own_network', 'own_network', 'well']);
  });

  it('stays draining, whatever the network does', () => {
    const { health, told } = starting();
    health.joined();
    health.draining();
    health.networkAtFault(true);
    health.networkAtFault(false);
    expect(told).toEqual(['well', 'draining', 'draining', 'draining']);
  });
});
