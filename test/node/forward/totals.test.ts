import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { startRig } from './forward-rig.ts';
import { claudeEvent, handClaude } from './hand-claude.ts';
import { chunk, completion, handUpstream, sendEvents, sendJson, startHost, type HandRequest } from './hand-upstream.ts';

const random = seededRandom(7);
const upTo = (bound: number) => 1 + random.below(bound);

/** What upstreams told that they used. */
const told = { prompt: 0, completion: 0, cacheRead: 0, cacheWrite: 0 };

function tell(): { prompt: number; completion: number; cacheRead: number; cacheWrite: number } {
  const counts = { prompt: upTo(500), completion: upTo(200), cacheRead: upTo(90), cacheWrite: upTo(30) };
  told.prompt += counts.prompt;
  told.completion += counts.completion;
  told.cacheRead += counts.cacheRead;
  told.cacheWrite += counts.cacheWrite;
  return counts;
}

function answerAsOpenai({ body }: HandRequest, response: ServerResponse): void {
  if (random.below(5) === 0) return sendJson(response, 500, { error: { message: 'busy' } });
  const counts = tell();
  const usage = {
    prompt_tokens: counts.prompt + counts.cacheRead + counts.cacheWrite,
    completion_tokens: counts.completion,
    prompt_tokens_details: { cached_tokens: counts.cacheRead, cache_write_tokens: counts.cacheWrite },
  };
  if (!body.includes('"stream":true')) return sendJson(response, 200, { ...completion('well'), usage });
  const last = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n`;
  sendEvents(response, chunk({ content: 'well' }) + chunk({}, 'stop') + last);
  response.end('data: [DONE]\n\n');
}

function answerAsClaude({ body }: HandRequest, response: ServerResponse): void {
  const counts = tell();
  const input = {
    input_tokens: counts.prompt,
    cache_read_input_tokens: counts.cacheRead,
    cache_creation_input_tokens: counts.cacheWrite,
  };
  const output = { output_tokens: counts.completion };
  const message = { id: 'msg', type: 'message', role: 'assistant', model: 'm' };
  if (!body.includes('"stream":true')) {
    const content = [{ type: 'text', text: 'well' }];
    return sendJson(response, 200, { ...message, content, stop_reason: 'end_turn', usage: { ...input, ...output } });
  }
  sendEvents(
    response,
    claudeEvent('message_start', { message: { ...message, content: [], usage: { ...input, output_tokens: 1 } } }),
  );
  if (random.below(5) === 0) {
    // The prompt was read and paid for; of the answer nothing came.
    told.completion -= counts.completion;
    response.end(claudeEvent('error', { error: { type: 'overloaded_error', message: 'busy' } }));
    return;
  }
  response.end(
    [
      claudeEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      claudeEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'well' } }),
      claudeEvent('content_block_stop', { index: 0 }),
      claudeEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: output }),
      claudeEvent('message_stop'),
    ].join(''),
  );
}

const paths = ['/v1/chat/completions', '/v1/messages', '/v1beta/models/m:generateContent', '/v1/responses'] as const;

function askAt(path: (typeof paths)[number], stream: boolean): [string, object] {
  const messages = [{ role: 'user', content: 'How are you?' }];
  if (path === '/v1/responses') return [path, { model: 'm', input: 'How are you?', stream }];
  if (path !== '/v1beta/models/m:generateContent') return [path, { model: 'm', max_tokens: 9, messages, stream }];
  const contents = [{ role: 'user', parts: [{ text: 'How are you?' }] }];
  return [stream ? '/v1beta/models/m:streamGenerateContent?alt=sse' : path, { contents }];
}

test('the totals of all traces are the upstreams’ own, to the token: all protocols, streams, retries, translations', async () => {
  const [openai, claude] = await Promise.all([startHost(answerAsOpenai), startHost(answerAsClaude)]);
  const rig = await startRig({ retryAttempts: 5, mayRetry: () => true });
  for (const id of ['o1', 'o2', 'o3']) rig.add(id, handUpstream(openai.origin));
  for (const id of ['c1', 'c2', 'c3']) rig.add(id, handClaude(claude.origin), 1, 'claude-custom');
  const count = 240;
  for (let done = 0; done < count; done += 8) {
    const batch = Array.from({ length: 8 }, async (_, at) => {
      const [path, body] = askAt(paths[at % 4]!, at >= 4);
      const answer = await rig.post(path, body);
      await answer.text();
    });
    await Promise.all(batch);
  }
  await expect.poll(() => rig.recorder.traces.length).toBe(count);
  const sum = { prompt: 0, completion: 0, cacheRead: 0, cacheWrite: 0 };
  for (const trace of rig.recorder.traces) {
    sum.prompt += trace.promptTokens ?? 0;
    sum.completion += trace.completionTokens ?? 0;
    sum.cacheRead += trace.cacheReadTokens ?? 0;
    sum.cacheWrite += trace.cacheCreationTokens ?? 0;
  }
  expect(rig.recorder.traces.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(10);
  expect(rig.recorder.traces.filter(({ usageEstimated }) => usageEstimated)).toEqual([]);
  expect(sum).toEqual(told);
  await rig.stop();
  await Promise.all([openai.close(), claude.close()]);
});
