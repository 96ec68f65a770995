import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let hosts: HandHost[];
let rig: ForwardRig;

beforeEach(async () => {
  rig = await startRig({ transparent: ['openai-custom'] });
  hosts = await Promise.all([0, 1].map(() => startHost((_, response) => sendJson(response, 200, {}))));
  for (const [index, version] of ['/v1/', '/internal/'].entries()) {
    const { origin } = hosts[index]!;
    rig.add(version, handUpstream(origin, { hasPath: (path) => path.startsWith(version) }));
  }
});

afterEach(async () => {
  await rig.stop();
  await Promise.all(hosts.map((host) => host.close()));
});

const counts = () => hosts.map(({ requests }) => requests.length);

test('a path goes to the accounts whose API has it', async () => {
  for (let turn = 0; turn < 4; turn++) expect((await rig.get('/openai-custom/v1/files')).status).toBe(200);
  expect(counts()).toEqual([4, 0]);
  for (let turn = 0; turn < 3; turn++) expect((await rig.get('/openai-custom/internal/x?y=1')).status).toBe(200);
  expect(counts()).toEqual([4, 3]);
});

test('one that none of them has goes to any: the upstream says so itself', async () => {
  for (let turn = 0; turn < 4; turn++) expect((await rig.get('/openai-custom/other')).status).toBe(200);
  expect(counts()).toEqual([2, 2]);
});

test('an account without the path is not asked in the place of one that fails either', async () => {
  hosts[1]!.answer = (_, response) => sendJson(response, 500, { error: 'failed' });
  expect((await rig.get('/openai-custom/internal/x')).status).toBe(500);
  expect(counts()).toEqual([0, 1]);
});
