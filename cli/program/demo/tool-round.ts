import { askNode, type NodeAnswer } from './ask-node.ts';
import type { DemoSite } from './demo-site.ts';
import { at, dialects } from './dialects.ts';

const tool = {
  name: 'lake_depth',
  description: 'Depth of a lake in metres',
  input_schema: { type: 'object', properties: { lake: { type: 'string' } }, required: ['lake'] },
};
const result = '30 metres';

export interface ToolRound {
  answer: NodeAnswer;
  called: string;
  /** What the model says once it has the result. */
  said: string;
}

/** As an Anthropic client: asks with a tool, reads the call out of the stream, sends the result, reads the answer. */
export async function toolRound(
  site: DemoSite,
  model: string,
  question: string,
  signal: AbortSignal,
): Promise<ToolRound> {
  const forget = site.upstream.script('tools', { model });
  try {
    const asked = { role: 'user', content: question };
    const body = { model, max_tokens: 200, stream: true, tools: [tool] };
    const first = await askNode(site, { path: '/v1/messages', body: { ...body, messages: [asked] } }, signal);
    const call = first.events
      .map((event) => at(event, 'content_block'))
      .find((block) => at(block, 'type') === 'tool_use');
    const json = first.events
      .map((event) => at(event, 'delta', 'partial_json'))
      .filter((part) => typeof part === 'string');
    const input: unknown = JSON.parse(json.join('') || '{}');
    const use = { type: 'tool_use', id: at(call, 'id'), name: at(call, 'name'), input };
    const answered = { type: 'tool_result', tool_use_id: at(call, 'id'), content: result };
    const messages = [asked, { role: 'assistant', content: [use] }, { role: 'user', content: [answered] }];
    const answer = await askNode(site, { path: '/v1/messages', body: { ...body, messages } }, signal);
    const said = answer.events.map(dialects.anthropic.delta).join('');
    return { answer, called: `${String(at(call, 'name'))}(${JSON.stringify(input)})`, said };
  } finally {
    forget();
  }
}
