import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { Secret } from '../kit/secret.ts';
import { systemClock } from '../kit/clock.ts';
import { findProgram } from './programs.ts';

const startMs = 30_000;
/** Special characters as a URL must escape them. */
const password = 'p@ss/w:rd%';

/** A PostgreSQL server of a test's own, on a free port of 127.0.0.1, with its data in a temporary folder. */
export class PostgresServer {
  readonly port: number;
  readonly password = password;
  readonly #folder: string;
  readonly #user: { uid?: number; gid?: number };
  #process: ChildProcess | undefined;
  #databases = 0;

  /** `findProgram('postgres')` must have found it. */
  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    await server.#initialise();
    await server.start();
    return server;
  }

  private constructor(port: number) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'aiproxy-postgres-'));
    // It refuses to run as root.
    this.#user = process.getuid?.() === 0 ? unprivileged() : {};
    if (this.#user.uid !== undefined) chownSync(this.#folder, this.#user.uid, this.#user.gid ?? this.#user.uid);
  }

  /** Of a new empty database. */
  async createDatabase(): Promise<Secret> {
    const name = `test${++this.#databases}`;
    await this.query('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** Takes everything out of a database, which is faster than making another. */
  async clear(url: Secret): Promise<void> {
    await this.query(nameOf(url), 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  }

  url(database: string, given = password): Secret {
    return new Secret(`postgres://aiproxy:${encodeURIComponent(given)}@127.0.0.1:${this.port}/${database}`);
  }

  /** One statement over a connection of its own. */
  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url(database).reveal() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Again after `crash`; resolves once it answers. */
  async start(): Promise<void> {
    this.#process = this.#spawn('postgres', ['-D', join(this.#folder, 'data'), ...serverOptions(this.port)]);
    const endMs = systemClock.monotonicMs() + startMs;
    for (;;) {
      try {
        await this.query('postgres', 'SELECT 1');
        return;
      } catch (error) {
        if (systemClock.monotonicMs() > endMs || this.#process.exitCode !== null) throw error;
        await systemClock.sleep(20);
      }
    }
  }

  /** At once, without finishing anything, as after a loss of power. */
  crash(): Promise<void> {
    return this.#end('SIGQUIT');
  }

  async stop(): Promise<void> {
    await this.#end('SIGQUIT');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #initialise(): Promise<void> {
    const passwordFile = join(this.#folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o644 });
    const options = ['-U', 'aiproxy', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'];
    const child = this.#spawn('initdb', ['-D', join(this.#folder, 'data'), '--locale=C.UTF-8', ...options]);
    const said: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${Buffer.concat(said).toString()}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #spawn(program: 'postgres' | 'initdb', given: readonly string[]): ChildProcess {
    const postgres = findProgram('postgres');
    if (postgres === undefined) throw new Error('postgres is not installed');
    const child = spawn(join(dirname(realpathSync(postgres)), program), given, {
      ...this.#user,
      cwd: this.#folder,
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', program === 'initdb' ? 'pipe' : 'ignore'],
    });
    process.once('exit', () => child.kill('SIGQUIT'));
    return child;
  }
}

/** Of the database of a URL. */
export function nameOf(url: Secret): string {
  return new URL(url.reveal()).pathname.slice(1);
}

/** Little memory, no waiting for disks: a crash of the server loses nothing of what the system has. */
function serverOptions(port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '16MB',
    max_connections: '40',
    autovacuum: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Debian's user for it, or the one for programs that own nothing. */
function unprivileged(): { uid: number; gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2]), gid: Number(user?.[3]) };
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
