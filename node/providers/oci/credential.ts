import { z } from 'zod';
import {
  choiceSetting,
  formSetting,
  pathSetting,
  secretSetting,
  textSetting,
  urlSetting,
} from '../../../kit/setting.ts';
import { modelMapField } from '../credential.ts';

const ocid = (kind: string) => textSetting(`an OCID such as ocid1.${kind}.oc1..example`, 255);

/** Formats of OCI's chat, and the model families that speak them. */
export const apiFormats = ['GENERIC', 'COHERE', 'COHEREV2'] as const;

/** Oracle Cloud: an API signing key of a user, or a session that a person opened with Oracle's own tool. */
export const ociCredential = z
  .strictObject({
    user: ocid('user').optional().describe('OCID of the user; not needed with security_token_file.'),
    fingerprint: textSetting('16 pairs of hexadecimal digits with colons between', 255).describe(
      'Fingerprint of the key.',
    ),
    key_file: pathSetting().optional().describe('PEM file of the private key.'),
    key_content: secretSetting().optional().describe('The private key itself, PEM, in place of the file.'),
    pass_phrase: secretSetting().optional().describe('Pass phrase of the private key.'),
    security_token_file: pathSetting()
      .optional()
      .describe('File of the session token that goes with the key, as `oci session authenticate` writes it.'),
    tenancy: ocid('tenancy').describe('OCID of the tenancy.'),
    region: formSetting(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'an OCI region such as us-phoenix-1').describe(
      'Region; the addresses of inference and of model listing come from it.',
    ),
    realm_domain: formSetting(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a domain such as oraclecloud.com')
      .optional()
      .describe('Domain of the realm, for a region that this version does not know.'),
    base_url: urlSetting()
      .optional()
      .describe('Address in place of those of the region, for inference and for model listing alike.'),
    compartment: ocid('compartment').optional().describe('Compartment that pays; absent: the tenancy.'),
    serving_endpoint: ocid('generativeaiendpoint')
      .optional()
      .describe('Dedicated endpoint that serves all requests of the account, whatever the model is called.'),
    api_format: choiceSetting(apiFormats, { generic: 'GENERIC', cohere: 'COHERE', coherev2: 'COHEREV2' })
      .optional()
      .describe('Format of the chat; absent: by the family of the model, which the OCID of an endpoint does not tell.'),
    model_map: modelMapField('{my-model: ocid1.generativeaiendpoint.oc1.us-chicago-1.example}'),
  })
  .superRefine((credential, context) => {
    const missing = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (!credential.key_file && !credential.key_content) missing('key_file', 'key_file or key_content');
    if (!credential.user && !credential.security_token_file) missing('user', 'an OCID such as ocid1.user.oc1..example');
  });

export type OciCredential = z.output<typeof ociCredential>;
export type ApiFormat = (typeof apiFormats)[number];
