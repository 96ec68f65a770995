import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchSite, Target } from './contract.ts';
import { missingProgram } from './programs.ts';

/** proxy_pass with kept-alive connections on both sides, one process. */
export const nginx: Target = {
  name: 'nginx',
  summary: 'proxy_pass with keep-alive, one process',
  translates: false,
  byDefault: true,
  missing: () => missingProgram('nginx', '-v'),
  prepare: (site) => {
    const file = join(site.folder, 'nginx.conf');
    mkdirSync(join(site.folder, 'temp'), { recursive: true });
    writeFileSync(file, configuration(site));
    return {
      command: ['nginx', '-c', file, '-p', site.folder, '-e', 'stderr'],
      headers: { authorization: 'Bearer bench' },
      readyPath: '/health/live',
    };
  },
};

// master_process off: one process, so that ending it by its id leaves no worker behind.
function configuration({ port, upstreamPort, folder }: LaunchSite): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n  ')}
  keepalive_requests 100000000;
  tcp_nodelay on;
  upstream provider {
    server 127.0.0.1:${upstreamPort};
    keepalive 512;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}
