import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** nginx in front of a node, with the very block that the README gives. */
export interface RunningNginx {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const readme = resolve(import.meta.dirname, '../../README.md');

/** Starts `program` on a free port of the loopback; what it forwards to listens on `nodePorts` there. */
export async function startNginx(program: string, ...nodePorts: number[]): Promise<RunningNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, readmeBlock(port, nodePorts)));
  const args = ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The block as people copy it; only the ports are others. Throws where the README no longer has what they stand in. */
function readmeBlock(port: number, nodePorts: readonly number[]): string {
  const block = /```nginx\n([^]*?)```/.exec(readFileSync(readme, 'utf8'))?.[1];
  if (block === undefined) throw new Error('README.md has no nginx block');
  const server = /^ {2}server 127\.0\.0\.1:\d+(.*)$/m.exec(block);
  if (server === null) throw new Error('the nginx block of the README names no node');
  const servers = nodePorts.map((nodePort) => `  server 127.0.0.1:${nodePort}${server[1]}`).join('\n');
  const theirs = block.replace(/(?:^ {2}server 127\.0\.0\.1:\d+.*\n)+/m, `${servers}\n`);
  if (theirs.split('listen 8080;').length !== 2) throw new Error('the nginx block of the README does not listen once');
  return theirs.replace('listen 8080;', `listen 127.0.0.1:${port};`);
}

// master_process off: one process, so that ending it by its id leaves no worker behind.
function configuration(folder: string, block: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
access_log off;
${temporary.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n')}
${block}
}
`;
}

/** nginx takes no port 0: one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Its sockets are open when it says how it waits for events. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let written = '';
    child.once('exit', (code) => fail(new Error(`nginx exited with ${code}\n${written}`)));
    child.once('error', fail);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      if (written.includes('event method')) done();
    });
  });
}
