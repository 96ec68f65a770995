import { z } from 'zod';
import { headerSecretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';
import { headersField, modelMapField } from '../credential.ts';

/** Settings may arrive as text, from the environment or an INI file. */
const flag = z.preprocess((raw) => {
  return raw === 'true' ? true : raw === 'false' ? false : raw;
}, z.boolean('true or false'));

/** Fields of an account at anything that speaks OpenAI's API. */
export const openaiCustomCredential = z.strictObject({
  base_url: urlSetting().describe('Root of the API, such as https://api.openai.com/v1. Without a path, /v1 is added.'),
  api_key: headerSecretSetting().optional().describe('Key of the account. Local servers may need none.'),
  organization: textSetting().optional().describe('Sent as OpenAI-Organization.'),
  project: textSetting().optional().describe('Sent as OpenAI-Project.'),
  headers: headersField(),
  model_map: modelMapField('{gpt-4o: my-deployment}'),
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
