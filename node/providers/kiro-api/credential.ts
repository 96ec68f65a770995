import { z } from 'zod';
import {
  booleanSetting,
  choiceSetting,
  formSetting,
  headerSecretSetting,
  integerSetting,
  pathSetting,
  secretSetting,
  textSetting,
  urlSetting,
} from '../../../kit/setting.ts';
import { arnForm, regionForm } from '../codewhisperer-lists.ts';
import { modelMapField, needsLoginOrKey } from '../credential.ts';

const regionSetting = () => formSetting(regionForm, 'an AWS region such as us-east-1').optional();
const versionSetting = () => formSetting(/^[\w.-]{1,32}$/, 'a version such as 1.2.3');

/**
 * Kiro: a credentials file (aiproxy's `{client_id, client_secret, token_url, refresh_token}`, or one of Kiro's and its
 * other proxies' own), the same fields inline, or an API key. Without a client id the login is a social one.
 */
export const kiroCredential = z
  .strictObject({
    creds_file: pathSetting()
      .optional()
      .describe(
        "File with the credentials: {client_id, client_secret, token_url, refresh_token}, the IDE's kiro-auth-token.json, kiro-cli's data.sqlite3, or a list of logins.",
      ),
    creds_entry: integerSetting({ min: 1, max: 10_000 })
      .optional()
      .describe('Which login of a list in the file, from 1; absent: the first that is not disabled.'),
    refresh_token: secretSetting().optional().describe('Refresh token, in place of the file.'),
    client_id: textSetting().optional().describe('Client id of the OIDC registration (IdC and Builder ID logins).'),
    client_secret: secretSetting().optional().describe('Client secret of the OIDC registration.'),
    api_key: headerSecretSetting().optional().describe('Key made in the console (`ksk_…`), in place of a login.'),
    profile_arn: formSetting(arnForm, 'an ARN')
      .optional()
      .describe('Profile to use; absent: what the login or discovery gives.'),
    region: regionSetting().describe(
      "Region of the API; absent: the profile's, else the one that serves the region of the login.",
    ),
    auth_region: regionSetting().describe("Region of the login service; absent: the file's, else us-east-1."),
    token_url: urlSetting().optional().describe('Address that refreshes tokens; absent: that of the kind of login.'),
    base_url: urlSetting().optional().describe('Address of the API, in place of all of its hosts.'),
    host: choiceSetting(['auto', 'q', 'runtime'])
      .default('auto')
      .describe(
        'Host of the API: q is q.REGION.amazonaws.com, runtime is runtime.REGION.kiro.dev; auto: runtime for social logins, q for the others (and at a base_url), and the other one where that is refused.',
      ),
    origin: formSetting(/^[A-Z_]{1,32}$/, 'AI_EDITOR, KIRO_CLI or the like')
      .optional()
      .describe('Client that requests seem to come from: picks the quota and the models; absent: AI_EDITOR.'),
    agent_mode: choiceSetting(['vibe', 'spec']).default('vibe').describe('Mode of the agent that requests tell of.'),
    opt_out: booleanSetting().default(true).describe('Whether content may not be used to improve the service.'),
    client_version: versionSetting()
      .default('0.12.0')
      .describe("Version of Kiro's IDE that requests tell of; old ones have been refused."),
    sdk_version: versionSetting().default('1.0.34').describe("Version of AWS's SDK that requests tell of."),
    machine_id: formSetting(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
      .optional()
      .describe("Machine that requests tell of; absent: the file's, else one made for this credential."),
    model_map: modelMapField('{gpt-4o: claude-sonnet-4.5}'),
  })
  .superRefine(needsLoginOrKey);

export type KiroCredential = z.output<typeof kiroCredential>;
