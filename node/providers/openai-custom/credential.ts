import { z } from 'zod';
import { Secret } from '../../../kit/secret.ts';

const text = z.string('text').min(1, 'text');
const secret = z.union([z.instanceof(Secret), text.transform((value) => new Secret(value))], 'text');
const urlAllowed = 'an http or https URL without user name or password';

/** Settings may arrive as text, from the environment or an INI file. */
const flag = z.preprocess((raw) => {
  return raw === 'true' ? true : raw === 'false' ? false : raw;
}, z.boolean('true or false'));

/** Names and values as RFC 9110 allows them; what frames a message is not to be set by hand. */
const headerName = z
  .string('a header name')
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'a header name')
  .refine((name) => !framing.has(name.toLowerCase()), 'a header that does not frame the message');
const headerValue = z.string('text').regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'text in one line');
const framing = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'content-type', 'te', 'upgrade']);

/** Fields of an account at anything that speaks OpenAI's API. */
export const openaiCustomCredential = z.strictObject({
  base_url: z
    .string(urlAllowed)
    .refine(isPlainHttpUrl, urlAllowed)
    .describe('Root of the API, such as https://api.openai.com/v1. Without a path, /v1 is added.'),
  api_key: secret.optional().describe('Key of the account. Local servers may need none.'),
  organization: text.optional().describe('Sent as OpenAI-Organization.'),
  project: text.optional().describe('Sent as OpenAI-Project.'),
  headers: z
    .record(headerName, headerValue)
    .default({})
    .describe('Headers added to every request; they replace those of the same name.'),
  model_map: z
    .record(z.string(), text)
    .default({})
    .describe('Names at this upstream for models asked for by other names, such as {gpt-4o: my-deployment}.'),
  max_tokens_field: z
    .enum(['auto', 'max_tokens', 'max_completion_tokens'], 'auto, max_tokens or max_completion_tokens')
    .default('auto')
    .describe(
      'Field that bounds the output; auto goes by the model: max_completion_tokens for o1 and later, gpt-5 and later.',
    ),
  reasoning_history: z
    .enum(['drop', 'reasoning_content'], 'drop or reasoning_content')
    .default('drop')
    .describe('Whether reasoning of earlier turns is sent back, as DeepSeek-like upstreams want within tool loops.'),
  stream_options: flag.default(true).describe('Whether the upstream knows stream_options (usage in streams).'),
  responses: z
    .union([z.literal('auto'), flag], 'auto, true or false')
    .default('auto')
    .describe('Whether /responses goes through as it is; auto: at api.openai.com and *.openai.azure.com.'),
});

export type OpenaiCustomCredential = z.output<typeof openaiCustomCredential>;

function isPlainHttpUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
