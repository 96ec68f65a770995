import { afterEach, beforeEach, expect, test } from 'vitest';
import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { notesInMemory, providerEnvironment } from '../../../suites/provider-environment.ts';
import { startRig, type ForwardRig } from '../../forward/forward-rig.ts';
import { sendJson, startHost, type HandHost } from '../../forward/hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;
const token = { isUsable: true, current: () => 'at', extra: () => undefined, refused: () => undefined };
const candidate = { content: { role: 'model', parts: [{ text: 'well' }] }, finishReason: 'STOP' };

beforeEach(async () => {
  host = await startHost((_, response) =>
    sendJson(response, 200, { candidates: [candidate], response: { candidates: [candidate] } }),
  );
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

test.each([
  ['a key', { api_key: 'key' }],
  ['a login', { refresh_token: 'rt', client_secret: 's' }],
])('a name of a model that fits into no header and no path is sent all the same: %s', async (_, fields) => {
  const credential = geminiProvider.credential.parse({ ...fields, base_url: host.origin });
  const notes = notesInMemory();
  notes.set('project:', 'my-project');
  const account = { id: 'one', provider: 'gemini-cli' as const, ...credential };
  rig.add('one', geminiProvider.open(account, providerEnvironment({ token, notes })));
  for (const model of ['模型', 'a\r\nx-evil: 1', '\ud800x', '\u0000', 'a b']) {
    expect((await rig.chat({ model })).status).toBe(200);
  }
  expect(host.requests).toHaveLength(5);
});
