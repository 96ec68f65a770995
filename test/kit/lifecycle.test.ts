import { expect, test } from 'vitest';
import { Lifecycle } from '../../kit/lifecycle.ts';

test('parts stop in reverse order, once, and a failing one does not keep the others', async () => {
  const lifecycle = new Lifecycle();
  const stopped: string[] = [];
  const errors: string[] = [];
  lifecycle.add('store', () => void stopped.push('store'));
  lifecycle.add('server', () => {
    throw new Error('stuck');
  });
  lifecycle.add('timers', async () => void stopped.push('timers'));
  const first = lifecycle.stop((name) => errors.push(name));
  await Promise.all([first, lifecycle.stop(() => undefined)]);
  expect(stopped).toEqual(['timers', 'store']);
  expect(errors).toEqual(['server']);
});
