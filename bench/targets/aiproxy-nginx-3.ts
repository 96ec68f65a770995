import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxConfiguration } from '../../cli/program/cluster/nginx-configuration.ts';
import { memberPlaces, memberSettings } from '../mesh/member-settings.ts';
import { untilReady, untilWhole } from '../mesh/until-whole.ts';
import type { Target } from './contract.ts';
import { nodeCommand, nodeKey, usualSettings } from './product-node.ts';
import { missingProgram } from './programs.ts';

/** Three nodes that know nothing of each other, behind nginx. */
export const aiproxyNginx3 = behindNginx('aiproxy-nginx-3', 'three nodes behind nginx, mesh off', false);

/** The same three as a mesh. */
export const aiproxyNginx3Mesh = behindNginx('aiproxy-nginx-3-mesh', 'three nodes behind nginx, mesh on', true);

const nodes = 3;

/** nginx with what `aiproxy cluster nginx --full` writes. It and the nodes share the target's core, and all CPU counts. */
function behindNginx(name: string, summary: string, isMeshOn: boolean): Target {
  return {
    name,
    summary,
    translates: true,
    byDefault: true,
    startedBy: 'work',
    missing: () => missingProgram('nginx', '-v'),
    async prepare({ folder, port, upstreamPort, program }) {
      const places = await memberPlaces(nodes);
      const ports = places.map((place) => place.port);
      const file = join(folder, 'nginx.conf');
      mkdirSync(join(folder, 'temp'), { recursive: true });
      const addresses = places.map((place) => `127.0.0.1:${place.port}`);
      writeFileSync(file, around(folder, nginxConfiguration({ addresses, listen: port })));
      return {
        command: ['nginx', '-c', file, '-p', folder, '-e', 'stderr'],
        headers: { authorization: `Bearer ${nodeKey}` },
        readyPath: '/health/live',
        companions: places.map((place, index) => {
          const settings = usualSettings({ port: place.port, upstreamPort }, false);
          const more = isMeshOn ? memberSettings(places, index) : {};
          const home = join(folder, place.id);
          const { command, env } = nodeCommand(home, Object.assign(settings, more), { program, nodeFlags: [] });
          return { command, env, folder: home, isMeasured: true };
        }),
        settled: () => (isMeshOn ? untilWhole(ports) : untilReady(ports)),
      };
    },
  };
}

// master_process off: one process, so that ending it by its id leaves no worker behind.
function around(folder: string, block: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
access_log off;
keepalive_requests 100000000;
${temporary.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n')}
${block.replace('  listen ', '  listen 127.0.0.1:')}
}
`;
}
