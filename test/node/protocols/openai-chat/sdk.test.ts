import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../../node/conversation/contract.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import type { AnswerContext, FaultAnswer } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';

const answer: Answer = {
  id: 'chatcmpl-7',
  model: 'm',
  parts: [
    { type: 'thinking', text: 'hm', signature: 'c2ln' },
    { type: 'text', text: 'Two lakes.' },
    { type: 'tool_call', id: 'call_1', name: 'lake_info', argumentsJson: '{"lake":"Bled"}' },
    { type: 'tool_call', id: 'call_2', name: 'time', argumentsJson: '{}' },
  ],
  finish: 'tool_calls',
  usage: { inputTotal: 20, outputTotal: 8, cacheRead: 16 },
};

const context: AnswerContext = {
  model: 'asked-for',
  requestId: 'r1',
  framing: 'sse',
  includeUsage: true,
  nowMs: 1_700_000_000_000,
};

/** What the model's name asks of the server: a stream, an answer, or a failure. */
function respond(model: string, stream: boolean): { status: number; headers: string[]; body: string } {
  if (model === 'refused') {
    const fault = protocolFaults.context_too_long('prompt is too long', { field: 'messages' });
    return asAnswer(openaiChatProtocol.encodeFault(fault, 'r1'));
  }
  if (model === 'down') return asAnswer(openaiChatProtocol.encodeFault(protocolFaults.upstream_error('down'), 'r1'));
  if (!stream) {
    const body = JSON.stringify(openaiChatProtocol.encodeAnswer(answer, context));
    return { status: 200, headers: ['content-type', 'application/json'], body };
  }
  return { status: 200, headers: ['content-type', 'text/event-stream'], body: streamText(model === 'breaks') };
}

function asAnswer({ status, headers, body }: FaultAnswer) {
  return { status, headers, body };
}

function streamText(breaks: boolean): string {
  const encoder = openaiChatProtocol.openEncoder(context);
  const events = unfold(answer);
  if (!breaks) return events.map((event) => encoder.push(event)).join(openaiChatProtocol.keepAlive.sse) + encoder.end();
  const fault = protocolFaults.upstream_truncated('the upstream closed');
  return (
    events
      .slice(0, 3)
      .map((event) => encoder.push(event))
      .join('') + encoder.push({ type: 'fault', fault })
  );
}

describe('the official SDK', () => {
  let server: Server;
  let client: OpenAI;
  let requestCount = 0;
  const messages = [{ role: 'user' as const, content: 'hi' }];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requestCount++;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const asked = JSON.parse(Buffer.concat(chunks).toString()) as { model: string; stream?: boolean };
        const { status, headers, body } = respond(asked.model, asked.stream === true);
        response.writeHead(status, headers);
        response.end(body);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    client = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}/v1` });
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  it('gathers our stream into the answer', async () => {
    const completion = await client.chat.completions.stream({ model: 'm', messages }).finalChatCompletion();
    expect(completion).toMatchObject({
      id: 'chatcmpl-7',
      model: 'asked-for',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Two lakes.',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'lake_info', arguments: '{"lake":"Bled"}' } },
              { id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 20, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 16 } },
    });
  });

  it('reads our stream chunk by chunk', async () => {
    let text = '';
    let finishes = 0;
    for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) finishes++;
    }
    expect(text).toBe('Two lakes.');
    expect(finishes).toBe(1);
  });

  it('reads our complete answer', async () => {
    const completion = await client.chat.completions.create({ model: 'm', messages });
    expect(completion.choices[0]?.message.tool_calls).toHaveLength(2);
    expect(completion.usage?.total_tokens).toBe(28);
  });

  it('throws our error inside a stream', async () => {
    const reading = client.chat.completions.stream({ model: 'breaks', messages }).finalChatCompletion();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated' });
  });

  it('throws our error answers with code and param, and repeats none of them', async () => {
    requestCount = 0;
    const asking = client.chat.completions.create({ model: 'refused', messages });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'messages' });
    await expect(client.chat.completions.create({ model: 'down', messages })).rejects.toMatchObject({ status: 502 });
    expect(requestCount).toBe(2);
  });
});
