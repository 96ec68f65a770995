import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Conversation, Thinking } from '../../../../node/conversation/contract.ts';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { anyHistory } from '../../../suites/any-conversation.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';
import { checkQwenBody } from '../../../upstream/qwen/check-body.ts';

const doors = {
  portal: { fields: { refresh_token: 'rt' }, model: 'coder-model' },
  key: { fields: { api_key: 'k' }, model: 'qwen3-max' },
} as const;

function open(door: keyof typeof doors, more: object = {}) {
  const credential = qwenProvider.credential.parse({ ...doors[door].fields, ...more });
  const environment = door === 'portal' ? { token: new GivenToken('at') } : {};
  return qwenProvider.open({ id: 'a', provider: 'qwen-api', ...credential }, providerEnvironment(environment));
}

const base: Conversation = {
  model: '',
  system: [],
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  tools: [],
  stop: [],
  stream: true,
  dropped: [],
};
const thoughts: Thinking[] = [
  { mode: 'off' },
  { mode: 'on' },
  { mode: 'adaptive' },
  ...(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const).map((effort): Thinking => ({
    mode: 'on',
    effort,
  })),
  { mode: 'on', budgetTokens: 2048 },
];

describe.each(Object.keys(doors) as (keyof typeof doors)[])('a request at the door for %s', (door) => {
  const { model } = doors[door];
  const upstream = open(door);
  const sent = (more: Partial<Conversation>, at = upstream) =>
    JSON.parse(String(at.encode({ ...base, model, ...more }).request.body)) as Record<string, unknown>;

  it('is one that Qwen takes, however its history was cut or shuffled', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom(...thoughts), fc.boolean(), (messages, thinking, isStream) => {
        const more = { messages: [...messages, ...base.messages], thinking, stream: isStream };
        const body = sent({
          ...more,
          tools: [{ name: 'lookup', schema: { type: 'object', properties: {} }, cacheControl: { type: 'ephemeral' } }],
          parallelToolCalls: false,
          maxTokens: 60_000,
          promptCacheKey: 'k',
        });
        expect(() => checkQwenBody(body, door)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('has either a budget or an effort', () => {
    expect(sent({ thinking: { mode: 'on', budgetTokens: 2048 } })).toMatchObject({ enable_thinking: true, thinking_budget: 2048 }); // prettier-ignore
    expect(sent({ thinking: { mode: 'on', effort: 'max' } })).toMatchObject({ enable_thinking: true, reasoning_effort: 'high' }); // prettier-ignore
    expect(sent({ thinking: { mode: 'off' } })).toMatchObject({ enable_thinking: false });
    expect(sent({})).not.toHaveProperty('enable_thinking');
  });

  it('declares a tool that is never to be called where the account wants one', () => {
    const body = sent({}, open(door, { needs_dummy_tool: true }));
    expect(body['tools']).toMatchObject([{ function: { name: 'do_not_call' } }]);
    expect(() => checkQwenBody(body, door)).not.toThrow();
  });
});

describe('the doors', () => {
  it('differ in their models', () => {
    expect(open('portal').upstreamModel('qwen3.6-plus')).toBe('coder-model');
    expect(open('key').upstreamModel('qwen3.6-plus')).toBe('qwen3.6-plus');
  });

  it('bound an answer by what the model can give', () => {
    const body = (maxTokens: number) =>
      JSON.parse(String(open('portal').encode({ ...base, model: 'coder-model', maxTokens }).request.body)) as object;
    expect(body(200_000)).toMatchObject({ max_tokens: 65_536 });
    expect(body(5)).toMatchObject({ max_tokens: 5 });
  });

  it('switch Model Studio’s own tools on for keys alone', () => {
    const tools = { builtin_tools: ['web_search', 'code_interpreter'] };
    const key = open('key', tools).encode({ ...base, model: 'qwen3-max' });
    expect(JSON.parse(String(key.request.body))).toMatchObject({
      enable_search: true,
      enable_code_interpreter: true,
      enable_thinking: true,
    });
    expect(() => open('key', tools).encode({ ...base, model: 'qwen3-max', stream: false })).toThrow(
      expect.objectContaining({ code: 'unsupported_field' }),
    );
    const login = open('portal', tools).encode({ ...base, model: 'coder-model' });
    expect(String(login.request.body)).not.toContain('enable_search');
  });
});
