import { z } from 'zod';
import { formSetting, pathSetting, secretSetting, textSetting } from '../../../kit/setting.ts';

const ocid = (kind: string) => textSetting(`an OCID such as ocid1.${kind}.oc1..example`, 255);

/** Oracle Cloud: an API signing key of a user. */
export const ociCredential = z
  .strictObject({
    user: ocid('user').describe('OCID of the user.'),
    fingerprint: textSetting('16 pairs of hexadecimal digits with colons between', 255).describe(
      'Fingerprint of the key.',
    ),
    key_file: pathSetting().optional().describe('PEM file of the private key.'),
    key_content: secretSetting().optional().describe('The private key itself, PEM, in place of the file.'),
    pass_phrase: secretSetting().optional().describe('Pass phrase of the private key.'),
    tenancy: ocid('tenancy').describe('OCID of the tenancy.'),
    region: formSetting(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'an OCI region such as us-phoenix-1').describe(
      'Region; the addresses of inference and of model listing come from it.',
    ),
    compartment: ocid('compartment').optional().describe('Compartment that pays; absent: the tenancy.'),
  })
  .superRefine((credential, context) => {
    if (credential.key_file ?? credential.key_content) return;
    context.addIssue({ code: 'custom', path: ['key_file'], message: 'key_file or key_content' });
  });

export type OciCredential = z.infer<typeof ociCredential>;
