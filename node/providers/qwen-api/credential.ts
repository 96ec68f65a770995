import { z } from 'zod';
import {
  booleanSetting,
  choiceSetting,
  formSetting,
  listSetting,
  pathSetting,
  secretSetting,
  textSetting,
  urlSetting,
} from '../../../kit/setting.ts';
import { headersField, modelMapField, needsLoginOrKey } from '../credential.ts';

/**
 * Qwen: the credentials file of Qwen Code's login, or a Model Studio API key. The free OAuth tier ended in April 2026;
 * the key is what works now.
 */
export const qwenCredential = z
  .strictObject({
    creds_file: pathSetting().optional().describe('File with the credentials of the OAuth login.'),
    api_key: secretSetting().optional().describe('Model Studio API key, in place of the login.'),
    refresh_token: secretSetting().optional().describe('Refresh token, in place of the file.'),
    client_id: textSetting().optional().describe("OAuth client id; absent: Qwen Code's public one."),
    token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of chat.qwen.ai.'),
    base_url: urlSetting()
      .optional()
      .describe('Base of the API; absent: what the login names, or Model Studio in Beijing for a key.'),
    builtin_tools: listSetting(choiceSetting(['web_search', 'code_interpreter']), 2)
      .default([])
      .describe('Tools of Model Studio that every request may use (API keys only); code_interpreter needs streaming.'),
    needs_dummy_tool: booleanSetting()
      .default(false)
      .describe('Declares a tool that is never to be called where a request has none, for models that stray without.'),
    client_version: formSetting(/^\d+(?:\.\d+){1,3}$/, 'a version such as 0.14.2')
      .default('0.14.2')
      .describe('Version of Qwen Code that logins present themselves as.'),
    headers: headersField(),
    model_map: modelMapField('{fast: qwen3-coder-flash}'),
  })
  .superRefine(needsLoginOrKey);

export type QwenCredential = z.infer<typeof qwenCredential>;
