import { isFault } from '../../../kit/fault.ts';
import { storeFaults } from '../faults.ts';

/** SQLSTATE of an error of the server (PostgreSQL, appendix A), or the code of an error of the connection. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export const sqlStates = {
  queryCanceled: '57014',
  undefinedTable: '42P01',
} as const;

/** What a person can do something about, said so that it is clear what. */
const explained: Readonly<Record<string, string>> = {
  '28P01': 'it refuses the user or the password of the URL',
  '28000': 'it refuses the user of the URL, or connections without TLS (sslmode)',
  '3D000': 'the database of the URL does not exist there',
  '42501': 'the user of the URL may not do what is needed in the database',
  '53300': 'it has as many connections as it allows',
  '53100': 'its disk is full',
  '57P03': 'it is starting or stopping',
  ECONNREFUSED: 'nothing listens at the address of the URL',
  ENOTFOUND: 'the host of the URL is not known',
};

/**
 * Any error of PostgreSQL as a Fault of this room. The server's own words come along as the cause, without what it
 * quotes of values, and without the password wherever that might stand.
 */
export function postgresFault(error: unknown, password: string): Error {
  if (isFault(error)) return error;
  const state = sqlStateOf(firstOf(error));
  const cause = saidBy(error, password);
  // Data that does not fit a column (class 22), or a constraint (23): it will not fit later either.
  if (state !== undefined && /^2[23]/.test(state) && state.length === 5) {
    return storeFaults.store_batch_refused('PostgreSQL does not take what it was given.', { cause });
  }
  const why = state === undefined ? undefined : explained[state];
  const message = why === undefined ? 'PostgreSQL cannot be used at present.' : `PostgreSQL cannot be used: ${why}.`;
  return storeFaults.store_unavailable(message, { cause });
}

/** A question that the server itself ended. */
export function isTooSlow(error: unknown): boolean {
  return sqlStateOf(error) === sqlStates.queryCanceled;
}

/** A host with several addresses gives an error for each. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error;
}

function saidBy(error: unknown, password: string): Error {
  const first = firstOf(error);
  const text = first instanceof Error ? first.message : String(first);
  const cause = new Error(withoutPassword(text, password));
  const code = sqlStateOf(first);
  return code === undefined ? cause : Object.assign(cause, { code });
}

function withoutPassword(text: string, password: string): string {
  const forms = [password, encodeURIComponent(password)].filter((form) => form !== '');
  return forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
}
