import { z } from 'zod';
import { formSetting, secretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';

/**
 * Amazon Q Developer by AWS SSO OIDC. `client_id` and `client_secret` come from a registration that ends after about
 * 90 days.
 */
export const amazonqCredential = z.strictObject({
  refresh_token: secretSetting().describe('Refresh token of the login.'),
  client_id: textSetting().describe('Client id of the OIDC registration.'),
  client_secret: secretSetting().describe('Client secret of the OIDC registration.'),
  profile_arn: textSetting('an ARN').optional().describe('Profile, needed for IAM Identity Center accounts.'),
  region: formSetting(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'an AWS region such as us-east-1')
    .optional()
    .describe('Region of the login service; absent: us-east-1.'),
  token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of the region.'),
});

export type AmazonqCredential = z.infer<typeof amazonqCredential>;
