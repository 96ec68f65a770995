import { expect, test } from 'vitest';
import { memberPlaces, memberSettings } from '../../../bench/mesh/member-settings.ts';
import { sent } from '../../../bench/mesh/traffic-reading.ts';

test('members have ports of their own, and all but the first have the first as their seed', async () => {
  const places = await memberPlaces(3, 4711);
  expect(places[0]).toMatchObject({ id: 'node1', port: 4711 });
  expect(new Set(places.flatMap(({ port, meshPort }) => [port, meshPort])).size).toBe(6);
  const seeds = places.map(
    (_, index) => (memberSettings(places, index)['cluster'] as Record<string, unknown>)['seed_nodes'],
  );
  expect(seeds).toEqual([[], ['127.0.0.1:4711'], ['127.0.0.1:4711']]);
});

test('reads what was sent off the metrics, and says when they lack it', () => {
  const text = 'a_total{direction="received"} 1\na_total{direction="sent"} 1.5e+3\nab_total{direction="sent"} 2\n';
  expect(sent(text, 'a_total')).toBe(1500);
  expect(() => sent(text, 'b_total')).toThrow('b_total');
});
