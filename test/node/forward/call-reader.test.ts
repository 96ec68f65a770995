import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StreamEvent } from '../../../node/conversation/contract.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import type { AnswerReader } from '../../../node/providers/contract.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { handUpstream, startHost, type HandHost } from './hand-upstream.ts';

/** A format of this test: bytes of lines, each a word of the answer; 255 ends it. No text, and no server-sent events. */
const binary = Buffer.from([7, 0x68, 0x69, 10, 7, 0x6f, 0x68, 10, 255]);
const eventStream = 'application/vnd.amazon.eventstream';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost((_, response) => {
    response.writeHead(200, { 'content-type': eventStream });
    for (const byte of binary) response.write(Buffer.from([byte]));
    response.end();
  });
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

/** Reads the binary format; the name of the call's own is in every word, so that it shows which reader has read. */
function readerOf(name: string): AnswerReader {
  const words = (bytes: Uint8Array): string[] =>
    Buffer.from(bytes)
      .toString('latin1')
      .split('\n')
      .filter((line) => line.startsWith('\u0007'))
      .map((line) => `${name}:${line.slice(1)} `);
  return {
    decodeAnswer(body) {
      if (body.at(-1) !== 255) throw protocolFaults.upstream_truncated('cut');
      return { id: 'a', model: 'm', parts: [{ type: 'text', text: words(body).join('') }], finish: 'stop', usage: {} };
    },
    openDecoder() {
      const held: number[] = [];
      return {
        push(bytes) {
          held.push(...bytes);
        },
        end(out: StreamEvent[]) {
          out.push({ type: 'start', id: 'a', model: 'm' });
          for (const text of words(Uint8Array.from(held))) out.push({ type: 'text', text });
          out.push({ type: 'finish', reason: 'stop' });
        },
      };
    },
  };
}

function add(): void {
  let calls = 0;
  rig.add(
    'binary',
    handUpstream(host.origin, {
      speaks: () => false,
      ...readerOf('upstream'),
      encode() {
        calls++;
        const request = { method: 'POST', path: '/', headers: [], body: 'x' };
        return { request, dropped: [], reader: readerOf(`call${calls}`) };
      },
    }),
  );
}

test('a whole answer is read by the reader of its call, byte for byte', async () => {
  add();
  for (const call of ['call1', 'call2']) {
    expect(await (await rig.chat()).json()).toMatchObject({
      choices: [{ message: { content: `${call}:hi ${call}:oh ` } }],
    });
  }
});

test('so is a streamed one', async () => {
  add();
  for (const call of ['call1', 'call2']) {
    const text = await (await rig.chat({ stream: true })).text();
    expect(text).toContain(`${call}:hi `);
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('upstream:');
  }
});
