import { expect, test } from 'vitest';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';

function sent(fields: Record<string, unknown>, request: Record<string, unknown>): unknown {
  const credential = qwenProvider.credential.parse({ api_key: 'sk-1', ...fields });
  const upstream = qwenProvider.open({ id: 'q', provider: 'qwen-api', ...credential }, providerEnvironment());
  const body = Buffer.from(JSON.stringify({ model: 'qwen-plus', messages: [], ...request }));
  const call = { body, model: 'qwen-plus', stream: false, protocolHeaders: [] };
  return JSON.parse(String(upstream.passThrough('openai-chat', 'generate', call).body));
}

const own = { type: 'function', function: { name: 'own', parameters: {} } };

test('a request whose bytes pass through gets the tool as well, where the account asks for it', () => {
  expect(sent({ needs_dummy_tool: true }, {})).toMatchObject({ tools: [{ function: { name: 'do_not_call' } }] });
  expect(sent({ needs_dummy_tool: true }, { tools: [own] })).toMatchObject({ tools: [own] });
  expect(sent({}, {})).not.toHaveProperty('tools');
});
