import { afterEach, beforeEach, expect, test } from 'vitest';
import { handPolicy, keyHolder } from './accounting-doubles.ts';
import { startRig, type ForwardRig, type RigOptions } from './forward-rig.ts';
import {
  chunk,
  completion,
  handUpstream,
  sendEvents,
  sendJson,
  startHost,
  wordChunks,
  type HandHost,
} from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost((_, response) => sendJson(response, 200, completion('well')));
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

async function run(more: RigOptions = {}): Promise<void> {
  rig = await startRig({ callers: { 'sk-k1': keyHolder(handPolicy()) }, ...more });
  rig.add('one', handUpstream(host.origin));
}

const asKey = { headers: { authorization: 'Bearer sk-k1', 'content-type': 'application/json' } };

test('prompts and answers are kept for a key that asks for it, as they came and went', async () => {
  await run({ callers: { 'sk-k1': keyHolder(handPolicy({ promptKeepMs: 86_400_000 })) } });
  const whole = await (await rig.chat({}, asKey)).text();
  host.answer = (_, response) => {
    sendEvents(response, `${wordChunks}${chunk({}, 'stop')}data: [DONE]\n\n`);
    response.end();
  };
  const streamed = await (await rig.chat({ stream: true }, asKey)).text();
  host.answer = (_, response) => sendJson(response, 400, { error: { message: 'no' } });
  const refused = await (await rig.chat({}, asKey)).text();
  await rig.chat();
  await expect.poll(() => rig.recorder.traces.length).toBe(4);
  const kept = rig.recorder.prompts.map(({ prompt, answer, ...rest }) => ({
    ...rest,
    prompt: text(prompt),
    answer: text(answer),
  }));
  expect(kept.map(({ answer }) => answer)).toEqual([whole, streamed, refused]);
  expect(kept[0]).toMatchObject({ key: 'k1', keepMs: 86_400_000, requestId: rig.recorder.traces[0]?.requestId });
  expect(JSON.parse(kept[0]!.prompt)).toMatchObject({ model: 'm' });
});

test('what is longer than its bound is cut, and says so', async () => {
  await run({ callers: { 'sk-k1': keyHolder(handPolicy({ promptKeepMs: 1 })) } });
  host.answer = (_, response) => sendJson(response, 200, completion('y'.repeat(400_000)));
  await (await rig.chat({ padding: 'x'.repeat(400_000) }, asKey)).text();
  await expect.poll(() => rig.recorder.prompts.length).toBe(1);
  const { prompt, answer } = rig.recorder.prompts[0]!;
  for (const part of [prompt, answer]) {
    expect(part.length).toBeLessThan(256 * 1024 + 64);
    expect(text(part)).toMatch(/\[cut by aiproxy\]$/);
  }
});

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
