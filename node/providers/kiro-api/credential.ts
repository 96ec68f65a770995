import { z } from 'zod';
import { formSetting, pathSetting, secretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';
import { needsLoginOrKey } from '../credential.ts';

const regionSetting = () => formSetting(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'an AWS region such as us-east-1').optional();

/**
 * Kiro: a credentials file (aiproxy's `{client_id, client_secret, token_url, refresh_token}`, or one of Kiro's own), the
 * same fields inline, or an API key. Without a client id the login is a social one.
 */
export const kiroCredential = z
  .strictObject({
    creds_file: pathSetting().optional().describe('File with the credentials.'),
    refresh_token: secretSetting().optional().describe('Refresh token, in place of the file.'),
    client_id: textSetting().optional().describe('Client id of the OIDC registration (IdC and Builder ID logins).'),
    client_secret: secretSetting().optional().describe('Client secret of the OIDC registration.'),
    api_key: secretSetting().optional().describe('Key made in the console (`ksk_…`), in place of a login.'),
    profile_arn: textSetting('an ARN')
      .optional()
      .describe('Profile to use; absent: what the login or discovery gives.'),
    region: regionSetting().describe('Region of the API; absent: us-east-1.'),
    auth_region: regionSetting().describe('Region of the login service; absent: us-east-1.'),
    token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of the kind of login.'),
  })
  .superRefine(needsLoginOrKey);

export type KiroCredential = z.infer<typeof kiroCredential>;
