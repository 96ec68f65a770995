import { defineFaults } from '../../../kit/fault.ts';

/** What `aiproxy login` meets. */
export const loginFaultSpecs = {
  login_unknown: {
    source: 'config',
    retry: 'never',
    status: 400,
    summary: 'The command line names a provider or a kind of login that there is not, or one that knows keys only.',
  },
  login_service_unreachable: {
    source: 'upstream',
    retry: 'after',
    status: 502,
    summary: 'The login service of a provider cannot be reached from the command line, or breaks off.',
  },
  login_given_up: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A login on the command line was ended by the person, or nobody came back from the browser in time.',
  },
  login_needs_terminal: {
    source: 'config',
    retry: 'never',
    status: 400,
    summary: 'This kind of login asks something of the person, and nobody sits at the terminal.',
  },
} as const;

export const loginFaults = defineFaults(loginFaultSpecs);
