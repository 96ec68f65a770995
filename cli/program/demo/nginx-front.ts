import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nginxConfiguration } from '../cluster/nginx-configuration.ts';
import { type Guard, startGuard } from './start-guard.ts';

export interface FrontPlan {
  /** Path of nginx. */
  program: string;
  /** Of the demo, given to the guard; nginx keeps its files below it. */
  folder: string;
  port: number;
  /** `HOST:PORT` of the nodes. */
  addresses: readonly string[];
}

export interface Front {
  guard: Guard;
  /** What nginx says against being started. */
  complaint: string | undefined;
}

/** Starts nginx on the loopback with the block that `aiproxy cluster nginx` writes. */
export async function startFront({ program, folder, port, addresses }: FrontPlan): Promise<Front> {
  const own = join(folder, 'nginx');
  await mkdir(join(own, 'temp'), { recursive: true });
  const file = join(own, 'nginx.conf');
  await writeFile(file, wholeConfiguration(own, nginxConfiguration({ addresses, listen: port, host: '127.0.0.1' })));
  const { promise: opened, resolve } = Promise.withResolvers<string | undefined>();
  let written = '';
  const guard = startGuard({
    folder,
    program: { path: program, args: ['-c', file, '-p', own, '-e', 'stderr'] },
    onText(text) {
      written += text;
      // What it says last before it serves; later lines are of no interest.
      if (written.includes('event method')) resolve(undefined);
      if (written.length > writtenMax) written = '';
    },
    onEnded: () => resolve(complaintIn(written)),
  });
  return { guard, complaint: await opened };
}

/** Characters kept of what nginx writes. */
const writtenMax = 65_536;

const complaintIn = (written: string): string =>
  written.split('\n').find((line) => /\[(?:emerg|alert|crit)\]/.test(line)) ?? 'it ended and said nothing';

// master_process off: one process, which ends when it is told to by its id.
function wholeConfiguration(own: string, block: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${own}/nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
access_log off;
${temporary.map((name) => `${name}_temp_path ${own}/temp/${name};`).join('\n')}
${block}
}
`;
}
