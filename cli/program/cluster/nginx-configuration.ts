/** nginx in front of the members of a mesh. Every line has its reason in docs/workers.md and a test with the real nginx. */

export interface NginxOptions {
  /** `HOST:PORT` of each node. */
  addresses: readonly string[];
  /** Port that clients come to. */
  listen: number;
  /** Address of this machine that it is opened at; absent: all. */
  host?: string;
}

/**
 * The members. A refused connection takes one out for a second: long enough that a stopped one costs nothing, short
 * enough that one that is back serves at once and that all of them are never out together.
 */
export function nginxUpstream(addresses: readonly string[]): string {
  const servers = addresses.map((address) => `  server ${address} max_fails=1 fail_timeout=1s;`);
  return `upstream aiproxy {
  zone aiproxy 128k;
  least_conn;
${servers.join('\n')}
  keepalive 64;
}
`;
}

/** All that stands in the `http` section. */
export function nginxConfiguration({ addresses, listen, host }: NginxOptions): string {
  return `${nginxUpstream(addresses)}
map $http_upgrade $aiproxy_connection {
  default upgrade;
  '' '';
}

server {
  listen ${host === undefined ? '' : `${host}:`}${listen};
  client_max_body_size 32m;
  client_body_buffer_size 1m;

  location / {
    proxy_pass http://aiproxy;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $aiproxy_connection;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_buffering off;
    proxy_connect_timeout 2s;
    proxy_read_timeout 600s;
    proxy_send_timeout 600s;
    # Repeats what no node has read; a POST that one may have begun is never sent twice.
    proxy_next_upstream error timeout;
  }
}
`;
}
