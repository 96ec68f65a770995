import { expect, test } from 'vitest';
import { SharedChanges } from '../../../../node/assembly/mesh/shared-changes.ts';
import { meshOf, MemoryStore } from '../../../cluster/state-mesh/state-mesh.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { loneMesh } from './lone-mesh.ts';

const added = (weight: number) => ({ kind: 'added', fields: { provider: 'openai-custom', weight } }) as const;

function two() {
  const mesh = meshOf(2);
  const [one, other] = ['n1', 'n2'].map((id) => new SharedChanges(mesh.node(id).records));
  if (one === undefined || other === undefined) throw new Error('two nodes were asked for');
  return { mesh, one, other };
}

test('a change is answered once the other has it, and the other hears of it', async () => {
  const { mesh, one, other } = two();
  const heard: string[] = [];
  other.watch({
    account: (id) => heard.push(`account ${id}`),
    algorithm: () => heard.push('algorithm'),
    reset: (id) => heard.push(`reset ${id}`),
    changed: (atMs) => expect(atMs).toBeGreaterThan(0),
  });
  const kept = [one.keepAccount('a', added(1)), one.keepAlgorithm('round_robin'), one.tellReset('a')];
  mesh.advance(100);
  await Promise.all(kept);
  expect(other.account('a')).toEqual(added(1));
  expect([...other.accounts().keys()]).toEqual(['a']);
  expect(other.algorithm).toBe('round_robin');
  expect(other.resetAtMs('a')).toBe(one.resetAtMs('a'));
  expect(heard.toSorted()).toEqual(['account a', 'algorithm', 'reset a']);
});

test('a reset goes with its account, and its end resets nothing', async () => {
  const { mesh, one, other } = two();
  const heard: string[] = [];
  const told = one.tellReset('a');
  mesh.advance(100);
  await told;
  other.watch({
    account: () => undefined,
    algorithm: () => undefined,
    reset: (id) => heard.push(id),
    changed: () => undefined,
  });
  expect(other.resetAtMs('a')).toBeGreaterThan(0);
  one.forgetReset('a');
  one.forgetReset('never');
  mesh.advance(100);
  expect([one.resetAtMs('a'), other.resetAtMs('a'), heard]).toEqual([0, 0, []]);
  expect([...mesh.node('n2').records.list('resets')]).toEqual([]);
});

test('a change is answered after a second where the other does not answer', async () => {
  const { mesh, one } = two();
  mesh.node('n2').clock.freeze();
  let isAnswered = false;
  const kept = one.keepAccount('a', added(1)).then(() => (isAnswered = true));
  mesh.advance(900);
  await Promise.resolve();
  expect(isAnswered).toBe(false);
  mesh.advance(200);
  await kept;
});

test('the later change wins at both, and one taken back leaves nothing, whatever comes late', async () => {
  const { mesh, one, other } = two();
  const kept = [one.keepAccount('a', added(1))];
  mesh.advance(100);
  kept.push(other.keepAccount('a', added(2)));
  mesh.advance(100);
  await Promise.all(kept);
  expect([one.account('a'), other.account('a')]).toEqual([added(2), added(2)]);
  const former = mesh.node('n2').records.get('accounts', 'a');
  const gone = one.keepAccount('a', undefined);
  mesh.advance(100);
  await gone;
  expect([one.account('a'), other.account('a'), one.accounts().size]).toEqual([undefined, undefined, 0]);
  mesh.node('n1').post.send('n2', 'records/push', {
    r: [['accounts', 'a', former?.stamp.major, former?.stamp.minor, 'n2', false, added(2)]],
    p: 0,
  });
  mesh.advance(2000);
  expect(other.account('a')).toBeUndefined();
});

test('nothing is written for a change that changes nothing', async () => {
  const disk = new MemoryStore();
  const clock = new ManualClock();
  const mesh = loneMesh(clock, disk);
  mesh.begin(() => undefined);
  const changes = new SharedChanges(mesh.records);
  const kept = [changes.keepAccount('a', added(1))];
  const stamp = mesh.records.get('accounts', 'a')?.stamp;
  kept.push(changes.keepAccount('a', added(1)));
  expect(mesh.records.get('accounts', 'a')?.stamp).toEqual(stamp);
  kept.push(changes.keepAccount('b', undefined));
  clock.advance(100);
  await Promise.all(kept);
  expect([...disk.kept.keys()]).toEqual(['accounts/a']);
  mesh.halt();
});

test('what this version cannot read is passed over and left as it is', () => {
  const mesh = loneMesh(new ManualClock());
  const changes = new SharedChanges(mesh.records);
  mesh.records.put('accounts', 'newer', { kind: 'of another version' });
  mesh.records.put('settings', 'algorithm', { algorithm: 7 });
  expect([changes.account('newer'), changes.accounts().size, changes.algorithm]).toEqual([undefined, 0, undefined]);
  expect(mesh.records.get('accounts', 'newer')?.payload).toEqual({ kind: 'of another version' });
});
