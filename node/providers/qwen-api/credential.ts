import { z } from 'zod';
import { pathSetting, secretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';
import { needsLoginOrKey } from '../credential.ts';

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
  })
  .superRefine(needsLoginOrKey);

export type QwenCredential = z.infer<typeof qwenCredential>;
