import { defineFaults } from '../../../kit/fault.ts';

export const ociFaultSpecs = {
  oci_key_unusable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary: 'The private key of an OCI account cannot be used; the message names the field and what is wrong with it.',
  },
  oci_region_unknown: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary:
      'The region of an OCI account is none that Oracle has, and neither `realm_domain` nor `base_url` is given.',
  },
} as const;

export const ociFaults = defineFaults(ociFaultSpecs);
