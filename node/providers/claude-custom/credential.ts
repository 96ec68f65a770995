import { z } from 'zod';
import { headerSecretSetting, urlSetting } from '../../../kit/setting.ts';
import { headersField, modelMapField } from '../credential.ts';

/** Several names as a list, or as one text with commas (environment, INI files). */
const names = z.preprocess(
  (raw) => (typeof raw === 'string' ? raw.split(',').map((name) => name.trim()) : raw),
  z.array(z.string('text').regex(/^[\w.-]+$/, 'a name of letters, digits, dots and dashes')),
);

/** Fields of an account at anything that speaks Anthropic's API. */
export const claudeCustomCredential = z.strictObject({
  base_url: urlSetting().describe('Root of the API, such as https://api.anthropic.com, with or without /v1.'),
  api_key: headerSecretSetting().optional().describe('Key of the account. Local servers may need none.'),
  auth: z
    .enum(['x-api-key', 'bearer'], 'x-api-key or bearer')
    .optional()
    .describe('Header that carries the key; by default x-api-key, and bearer for OAuth tokens (sk-ant-oat…).'),
  anthropic_version: z
    .string('a date such as 2023-06-01')
    .regex(/^\d{4}-\d\d-\d\d$/, 'a date such as 2023-06-01')
    .default('2023-06-01')
    .describe('Version of the API where the client names none.'),
  beta: names.default([]).describe('Beta features switched on for every request (anthropic-beta).'),
  headers: headersField(),
  model_map: modelMapField('{claude-sonnet-4-5: glm-4.6}'),
});

export type ClaudeCustomCredential = z.output<typeof claudeCustomCredential>;
