import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { request as send } from 'undici';
import { systemClock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { seededRandom } from '../../kit/random.ts';
import type { AccountNotes, CredentialFiles, ProviderEnvironment } from '../../node/providers/contract.ts';

const silentLog = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Log;

/** Notes that live as long as the test. */
export function notesInMemory(): AccountNotes & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    get: (name) => all.get(name),
    set(name, value) {
      if (value === undefined) all.delete(name);
      else all.set(name, value);
    },
  };
}

/** Files as they are, without the checks that the node makes. */
export function plainFiles(home = homedir()): CredentialFiles {
  return {
    home,
    read: (_field, path) => readFileSync(path, 'utf8'),
    readIfThere: (_field, path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    readKeyValues(_field, path, table, keys) {
      const database = new DatabaseSync(path, { readOnly: true });
      const rows = database.prepare(`SELECT key, value FROM "${table}"`).all() as { key: string; value: string }[];
      database.close();
      return new Map(rows.filter(({ key }) => keys.includes(key)).map(({ key, value }) => [key, value]));
    },
  };
}

/** What a provider's `open` gets in tests: real time, real sockets, no disk. */
export function providerEnvironment(given: Partial<ProviderEnvironment> = {}): ProviderEnvironment {
  return {
    defaultMaxTokens: 4000,
    files: plainFiles(),
    notes: notesInMemory(),
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
    async ask(request, timeoutMs = 10_000) {
      const response = await send(request.origin + request.path, {
        method: request.method as 'GET',
        headers: request.headers as string[],
        body: request.body ?? null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body = Buffer.from(await response.body.arrayBuffer());
      return { status: response.statusCode, headers: response.headers, body };
    },
    ...given,
  };
}
