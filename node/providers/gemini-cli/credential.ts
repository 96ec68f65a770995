import { z } from 'zod';
import { formSetting, pathSetting, secretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';
import { headersField, modelMapField, needsLoginOrKey } from '../credential.ts';

/**
 * Gemini: the OAuth file of Gemini CLI (Code Assist), or an API key. The consumer login ended in June 2026; paid Code
 * Assist needs `project`.
 */
export const geminiCredential = z
  .strictObject({
    creds_file: pathSetting().optional().describe('File with the credentials of the OAuth login.'),
    api_key: secretSetting().optional().describe('Gemini API key, in place of the login.'),
    refresh_token: secretSetting().optional().describe('Refresh token, in place of the file.'),
    project: formSetting(
      /^(?=.*[a-z])[a-z0-9:.-]{1,128}$/,
      'the id of a Google Cloud project (its number is refused there)',
    )
      .optional()
      .describe('Google Cloud project, needed for paid Code Assist; absent: what the login gives.'),
    client_id: textSetting().optional().describe("OAuth client that issued the refresh token; absent: Gemini CLI's."),
    client_secret: secretSetting()
      .optional()
      .describe("Secret of the OAuth client (a public constant in Gemini CLI's source); logins need it."),
    token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of Google.'),
    base_url: urlSetting()
      .optional()
      .describe('Base of the API; absent: the public Gemini API for a key, Code Assist for a login.'),
    client_version: formSetting(/^\d+(?:\.\d+){1,3}$/, 'a version such as 0.34.0')
      .default('0.34.0')
      .describe('Version of Gemini CLI that logins present themselves as.'),
    headers: headersField(),
    model_map: modelMapField('{fast: gemini-2.5-flash}'),
  })
  .superRefine(needsLoginOrKey);

export type GeminiCredential = z.infer<typeof geminiCredential>;
