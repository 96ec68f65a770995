import type { ServerResponse } from 'node:http';
import { writeEvents, writeMessage } from './anthropic-write.ts';
import { frame } from './deliver.ts';
import { writeChunks, writeCompletion } from './openai-chat-write.ts';
import type { Plan } from './plan.ts';

/** An answer made once and sent as it is: what a load test asks for costs this process next to nothing. */
interface Prepared {
  headers: string[];
  /** One buffer per write. */
  writes: Buffer[];
}

const usage = { uncached: 20, cacheRead: 0, cacheWrite: 0, output: 100, reasoning: 0 };
const answerOf = (pieces: string[]): Plan => ({
  blocks: [{ type: 'text', pieces }],
  finish: 'stop',
  stopSequence: undefined,
  usage,
});
const small = answerOf(['Hello from the bench.']);
const hundred = answerOf(Array.from({ length: 100 }, (_, index) => `word${index} `));

const streamHeaders = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];

function json(body: unknown): Prepared {
  const bytes = Buffer.from(JSON.stringify(body));
  return { headers: ['content-type', 'application/json', 'content-length', String(bytes.length)], writes: [bytes] };
}

const stream = (texts: string[]): Prepared => ({
  headers: streamHeaders,
  writes: texts.map((text) => Buffer.from(text)),
});

function both(
  path: '/v1/chat/completions' | '/v1/messages',
  model: string,
  plan: Plan,
): { whole: Prepared; streamed: Prepared } {
  if (path === '/v1/messages') {
    const id = 'msg_01Bench';
    return {
      whole: json(writeMessage(plan, model, id)),
      streamed: stream([...writeEvents(plan, model, id)].map(frame)),
    };
  }
  const shape = { model, id: 'chatcmpl-Bench', created: 1_700_000_000, includeUsage: true, interleaved: false };
  return { whole: json(writeCompletion(plan, shape)), streamed: stream([...writeChunks(plan, shape)].map(frame)) };
}

const coalesced = (answer: Prepared): Prepared => ({ ...answer, writes: [Buffer.concat(answer.writes)] });

const table = new Map<string, Prepared>();
for (const path of ['/v1/chat/completions', '/v1/messages'] as const) {
  for (const [model, plan] of [
    ['bench-small', small],
    ['bench-100-events', hundred],
    ['bench-100-events-coalesced', hundred],
  ] as const) {
    const { whole, streamed } = both(path, model, plan);
    table.set(`${path} ${model}`, whole);
    table.set(`${path} ${model} stream`, model === 'bench-100-events' ? streamed : coalesced(streamed));
  }
}

const marker = Buffer.from('"bench-');
/** Bench bodies are small; anything larger is not searched. */
const bodySizeMax = 64 * 1024;

/** The prepared answer for this body; undefined when it asks for no bench model. Nothing is parsed or recorded. */
export function findPrepared(path: string, body: Buffer): Prepared | undefined {
  if (body.length > bodySizeMax) return undefined;
  const start = body.indexOf(marker);
  if (start === -1) return undefined;
  const model = body.toString('latin1', start + 1, body.indexOf(0x22, start + 1));
  const isStream = body.includes('"stream":true') || body.includes('"stream": true');
  return table.get(isStream ? `${path} ${model} stream` : `${path} ${model}`);
}

/** Sends it: at once when it is one buffer, else one write per turn of the event loop. */
export function sendPrepared(response: ServerResponse, answer: Prepared): void {
  response.writeHead(200, answer.headers);
  const [first] = answer.writes;
  if (answer.writes.length === 1) {
    response.end(first);
    return;
  }
  let next = 0;
  const step = (): void => {
    if (response.destroyed) return;
    const bytes = answer.writes[next++];
    if (bytes === undefined) {
      response.end();
      return;
    }
    if (response.write(bytes)) setImmediate(step);
    else response.once('drain', step);
  };
  step();
}
