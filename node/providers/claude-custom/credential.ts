import { z } from 'zod';
import { Secret } from '../../../kit/secret.ts';

const text = z.string('text').min(1, 'text');
const secret = z.union([z.instanceof(Secret), text.transform((value) => new Secret(value))], 'text');
const urlAllowed = 'an http or https URL without user name or password';

/** Names and values as RFC 9110 allows them; what frames a message is not to be set by hand. */
const framing = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'content-type', 'te', 'upgrade']);
const headerName = z
  .string('a header name')
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'a header name')
  .refine((name) => !framing.has(name.toLowerCase()), 'a header that does not frame the message');
const headerValue = z.string('text').regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'text in one line');

/** Several names as a list, or as one text with commas (environment, INI files). */
const names = z.preprocess(
  (raw) => (typeof raw === 'string' ? raw.split(',').map((name) => name.trim()) : raw),
  z.array(z.string('text').regex(/^[\w.-]+$/, 'a name of letters, digits, dots and dashes')),
);

/** Fields of an account at anything that speaks Anthropic's API. */
export const claudeCustomCredential = z.strictObject({
  base_url: z
    .string(urlAllowed)
    .refine(isPlainHttpUrl, urlAllowed)
    .describe('Root of the API, such as https://api.anthropic.com, with or without /v1.'),
  api_key: secret.optional().describe('Key of the account. Local servers may need none.'),
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
  headers: z
    .record(headerName, headerValue)
    .default({})
    .describe('Headers added to every request; they replace those of the same name.'),
  model_map: z
    .record(z.string(), text)
    .default({})
    .describe('Names at this upstream for models asked for by other names, such as {claude-sonnet-4-5: glm-4.6}.'),
});

export type ClaudeCustomCredential = z.output<typeof claudeCustomCredential>;

function isPlainHttpUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
