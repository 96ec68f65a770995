import { defineFaults } from '../../kit/fault.ts';

export const configFaultSpecs = {
  invalid_configuration: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary:
      'A flag, an environment variable or the configuration file has an unknown key or a value that is not allowed.',
  },
  data_dir_unusable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The data folder, or a file in it, cannot be read or written.',
  },
} as const;

export const configFaults = defineFaults(configFaultSpecs);
