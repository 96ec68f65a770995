import { expect, it } from 'vitest';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { conversation, lookup } from '../../../suites/conversations.ts';

const traits = {
  origin: 'CLI',
  thinking: 'text-tags',
  conversationId: 'c',
  toolDescriptionBytesMax: 10_000,
} as const;

function systemOf(more: Parameters<typeof conversation>[2]): string {
  const { body, dropped } = encodeRequest(conversation('claude-sonnet-4.5', 'Which lake?', more), traits, 200_000);
  const text = JSON.stringify((body['conversationState'] as { history?: unknown[] }).history?.[0] ?? '');
  return `${text} ${dropped.join()}`;
}

it('asks in words for a JSON answer, with its schema', () => {
  expect(systemOf({ outputFormat: { type: 'json' } })).toContain('one JSON object');
  const said = systemOf({ outputFormat: { type: 'json_schema', schema: { type: 'object', title: 'Lake' } } });
  expect(said).toContain('Lake');
  expect(said).toContain('output_format');
});

it('asks in words for a forced tool', () => {
  expect(systemOf({ tools: [lookup], toolChoice: { type: 'tool', name: lookup.name } })).toContain(
    `Call the tool ${lookup.name}`,
  );
  expect(systemOf({ tools: [lookup], toolChoice: { type: 'any' } })).toContain('at least one of the tools');
});

it('says nothing of what was not asked for', () => {
  expect(systemOf({ tools: [lookup], toolChoice: { type: 'auto' } })).not.toContain('Call');
});
