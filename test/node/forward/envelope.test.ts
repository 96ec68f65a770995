import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Unwrapper, Upstream } from '../../../node/providers/contract.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { completion, handUpstream, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;
/** What the host answers with, sent in pieces of so many bytes. */
let sent: { type: string; body: string; pieceBytes: number };
const opened: boolean[] = [];

beforeEach(async () => {
  opened.length = 0;
  host = await startHost((_, response) => {
    response.writeHead(200, { 'content-type': sent.type });
    const bytes = Buffer.from(sent.body);
    for (let at = 0; at < bytes.length; at += sent.pieceBytes) response.write(bytes.subarray(at, at + sent.pieceBytes));
    response.end();
  });
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

/** Every byte is followed by a dash: an envelope that shows where it was not taken off. */
class Dashes implements Unwrapper {
  #offset = 0;

  push(bytes: Buffer): Buffer | undefined {
    const kept = bytes.filter(() => this.#offset++ % 2 === 0);
    return kept.length === 0 ? undefined : Buffer.from(kept);
  }

  end(): Buffer | undefined {
    return undefined;
  }
}

const dashed = (text: string) => [...text].map((letter) => `${letter}-`).join('');

function add(own: Partial<Upstream> = {}): void {
  const openUnwrapper = (stream: boolean) => {
    opened.push(stream);
    return new Dashes();
  };
  rig.add('wrapped', handUpstream(host.origin, { openUnwrapper, ...own }));
}

const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
const streamed = [
  { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'well' }, finish_reason: null }] },
  { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
];
const events = `${streamed.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`;

test.each([1, 3, 1000])('a whole answer comes out of its envelope, in pieces of %i bytes', async (pieceBytes) => {
  sent = { type: 'application/json', body: dashed(JSON.stringify(completion('well'))), pieceBytes };
  add();
  expect(await (await rig.chat()).json()).toEqual(completion('well'));
  expect(opened).toEqual([false]);
});

test.each([1, 7, 1000])('so does a stream, in pieces of %i bytes', async (pieceBytes) => {
  sent = { type: 'text/event-stream', body: dashed(events), pieceBytes };
  add();
  expect(await (await rig.chat({ stream: true })).text()).toBe(events);
  expect(opened).toEqual([true]);
});

test('a stream that ends inside its envelope is a broken one', async () => {
  sent = { type: 'text/event-stream', body: dashed(events).slice(0, -80), pieceBytes: 1000 };
  add();
  const answer = await rig.chat({ stream: true });
  expect(await answer.text()).toContain('error');
});

test('a whole answer to a streaming client is taken out first, and streamed then', async () => {
  sent = { type: 'application/json', body: dashed(JSON.stringify(completion('well'))), pieceBytes: 1000 };
  add();
  const text = await (await rig.chat({ stream: true })).text();
  expect(text).toContain('"well"');
  expect(text).toContain('data: [DONE]');
  expect(opened).toEqual([false]);
});

const gemini = ['be', 'ginning'].map((text, index) => ({
  candidates: [
    { content: { role: 'model', parts: [{ text }] }, index: 0, ...(index === 1 ? { finishReason: 'STOP' } : {}) },
  ],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: index, totalTokenCount: 1 + index },
}));
const geminiPath = '/v1beta/models/m:streamGenerateContent';
const geminiBody = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };
const speaksGemini: Partial<Upstream> = {
  speaks: (protocol) => protocol === 'gemini',
  passThrough: (_protocol, _operation, { body }) => ({ method: 'POST', path: '/g', headers: [], body }),
};

test.each([1, 11, 1000])('a client that wants a JSON array gets one, in pieces of %i bytes', async (pieceBytes) => {
  const body = gemini.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join('');
  sent = { type: 'text/event-stream', body: dashed(body), pieceBytes };
  add(speaksGemini);
  const answer = await rig.post(geminiPath, geminiBody);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toEqual(gemini);
});

test('an array whose upstream fails half-way ends with the error, and is whole all the same', async () => {
  const failure = { error: { code: 500, message: 'broke off', status: 'INTERNAL' } };
  const body = [gemini[0], failure].map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
  const seen = Promise.withResolvers<void>();
  const half = dashed(body).length - dashed(`data: ${JSON.stringify(failure)}\n\n`).length;
  host.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(dashed(body).slice(0, half));
    void seen.promise.then(() => response.end(dashed(body).slice(half)));
  };
  add(speaksGemini);
  const answer = await rig.post(geminiPath, geminiBody);
  seen.resolve();
  expect(await answer.json()).toEqual([gemini[0], { error: expect.objectContaining({ message: 'broke off' }) }]);
});
