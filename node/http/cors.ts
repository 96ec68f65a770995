import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** How long a browser may remember a preflight's answer, seconds. Browsers cap this at one day or less. */
const preflightMaxAgeSeconds = '86400';

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** Headers of ours that scripts in a browser may read. */
const exposed = [
  'x-request-id',
  'retry-after',
  'x-aiproxy-node',
  'x-aiproxy-account',
  'x-aiproxy-cache',
  'x-aiproxy-attempts',
  'x-aiproxy-dropped',
  'x-aiproxy-queued',
  'location',
].join(', ');

const preflightHeaders: readonly string[] = [
  'access-control-allow-methods',
  methods,
  'access-control-max-age',
  preflightMaxAgeSeconds,
  'allow',
  methods,
];

const none: readonly string[] = [];

/** What browsers are told. The header lists are made once; a request only picks one. */
export class Cors {
  readonly #any: readonly string[] | undefined;
  readonly #byOrigin: ReadonlyMap<string, readonly string[]>;

  /** `origins` as browsers send them (`https://chat.example`); `*` for any. */
  constructor(origins: readonly string[]) {
    this.#any = origins.includes('*') ? headersFor('*') : undefined;
    this.#byOrigin = new Map(origins.map((origin) => [origin, [...headersFor(origin), 'vary', 'origin']]));
  }

  /** Flat list (name, value, name, value …) to put on every answer; the same array each time, never to be changed. */
  headers(origin: string | undefined): readonly string[] {
    // Only browsers send Origin, and only they read these headers.
    if (origin === undefined) return none;
    return this.#any ?? this.#byOrigin.get(origin) ?? none;
  }

  /** Answers any OPTIONS request: 204, with what the browser asked to send allowed. */
  answerPreflight(headers: IncomingHttpHeaders, response: ServerResponse): void {
    // `*` does not cover Authorization in the CORS standard, so what was asked for is echoed.
    const allowedHeaders = headers['access-control-request-headers'] ?? '*, authorization';
    response.writeHead(204, [
      ...this.headers(headers.origin),
      ...preflightHeaders,
      'access-control-allow-headers',
      allowedHeaders,
    ]);
    response.end();
  }
}

function headersFor(origin: string): string[] {
  return ['access-control-allow-origin', origin, 'access-control-expose-headers', exposed];
}
