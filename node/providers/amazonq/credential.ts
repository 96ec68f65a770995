import { z } from 'zod';
import { booleanSetting, formSetting, secretSetting, textSetting, urlSetting } from '../../../kit/setting.ts';
import { arnForm, regionForm } from '../codewhisperer-lists.ts';
import { modelMapField } from '../credential.ts';

const headerText = () => formSetting(/^[\x20-\x7e]{1,512}$/, 'text in one line').optional();

/**
 * Amazon Q Developer by AWS SSO OIDC. `client_id` and `client_secret` come from a registration that ends after about
 * 90 days.
 */
export const amazonqCredential = z.strictObject({
  refresh_token: secretSetting().describe('Refresh token of the login.'),
  client_id: textSetting().describe('Client id of the OIDC registration.'),
  client_secret: secretSetting().describe('Client secret of the OIDC registration.'),
  profile_arn: formSetting(arnForm, 'an ARN')
    .optional()
    .describe('Profile, needed for IAM Identity Center accounts; absent: asked for when the upstream demands one.'),
  region: formSetting(regionForm, 'an AWS region such as us-east-1')
    .optional()
    .describe('Region of the login service; absent: us-east-1.'),
  token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of the region.'),
  base_url: urlSetting()
    .optional()
    .describe("Address of the API; absent: q.REGION.amazonaws.com, with the profile's region."),
  origin: formSetting(/^[A-Z_]{1,32}$/, 'CLI, KIRO_CLI or the like')
    .default('CLI')
    .describe('Client that requests seem to come from: picks the quota and the models.'),
  opt_out: booleanSetting().default(true).describe('Whether content may not be used to improve the service.'),
  user_agent: headerText().describe("User agent; absent: that of Amazon Q's command line."),
  amz_user_agent: headerText().describe("Value of x-amz-user-agent; absent: that of Amazon Q's command line."),
  model_map: modelMapField('{gpt-4o: claude-sonnet-4.5}'),
});

export type AmazonqCredential = z.output<typeof amazonqCredential>;
