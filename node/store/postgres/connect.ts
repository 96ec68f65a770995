import type pg from 'pg';
import type { Secret } from '../../../kit/secret.ts';
import { storeFaults } from '../faults.ts';

/** Of one statement, told to the server … */
export const statementTimeoutMs = 20_000;
/** … and of waiting for its answer, should the server or the network be gone without a word. */
const answerTimeoutMs = statementTimeoutMs + 2_000;
const connectTimeoutMs = 5_000;
/** Another node that migrates or writes the same rows. */
const lockTimeoutMs = 10_000;

/** Loads the library, which a node with SQLite does without. */
export async function loadPg(): Promise<typeof pg> {
  const { default: library } = await import('pg');
  return library;
}

/** How each connection is made: by the URL, `sslmode` included, with a deadline for everything. */
export function connectionOptions(url: Secret): pg.ClientConfig {
  return {
    connectionString: url.reveal(),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: answerTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: answerTimeoutMs,
    keepAlive: true,
    application_name: 'aiproxy',
  };
}

/**
 * Reads the URL and the files that it names, without connecting. Throws a Fault, `store_url_invalid`, that does not
 * repeat the URL.
 */
export async function checkPostgresUrl(url: Secret): Promise<void> {
  try {
    await passwordOf(url);
  } catch (error) {
    // The error of the URL itself says nothing more, and might hold its password; a file that is missing has a code.
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const why =
      code === undefined || code === 'ERR_INVALID_URL'
        ? 'it must look like postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password as %XX'
        : `a file that it names cannot be read (${code})`;
    throw storeFaults.store_url_invalid(`store: the URL of the PostgreSQL server cannot be used: ${why}.`, {
      field: 'store',
    });
  }
}

/** As the library reads it out of the URL; '' for none. To keep it out of what is said. */
export async function passwordOf(url: Secret): Promise<string> {
  const { Client } = await loadPg();
  const { password } = new Client(connectionOptions(url)) as { readonly password?: unknown };
  return typeof password === 'string' ? password : '';
}
