import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchSite, Target } from './contract.ts';
import { missingProgram } from './programs.ts';

/** HTTP mode, one thread, connections to the upstream always reused. */
export const haproxy: Target = {
  name: 'haproxy',
  summary: 'HTTP mode with connection reuse, one thread',
  translates: false,
  byDefault: true,
  missing: () => missingProgram('haproxy', '-v'),
  prepare: (site) => {
    const file = join(site.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(site));
    return {
      command: ['haproxy', '-db', '-f', file],
      headers: { authorization: 'Bearer bench' },
      readyPath: '/health/live',
    };
  },
};

// http-no-delay: without it haproxy waits for more of a chunked answer (MSG_MORE), and a streamed event comes late.
function configuration({ port, upstreamPort }: LaunchSite): string {
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend provider
backend provider
  server provider 127.0.0.1:${upstreamPort} pool-max-conn 512
`;
}
