import type { Framing, ProtocolId } from '../protocols/contract.ts';
import type { Operation, ProviderId } from '../providers/contract.ts';

/** What a path of the data plane means. */
export type Endpoint = ProtocolEndpoint | TransparentEndpoint;

export interface ProtocolEndpoint {
  readonly kind: 'protocol';
  readonly protocol: ProtocolId;
  readonly operation: Operation;
  /** Gemini: the model stands in the path; '' elsewhere. */
  readonly model: string;
  /** Gemini: the method in the path decides; undefined where the body does. */
  readonly stream: boolean | undefined;
  readonly framing: Framing;
}

export interface TransparentEndpoint {
  readonly kind: 'transparent';
  readonly provider: ProviderId;
  /** What follows `/{provider}`, at least `/`. Without the query. */
  readonly path: string;
}

const fixed = new Map<string, ProtocolEndpoint>([
  ['/v1/messages', endpoint('anthropic', 'generate')],
  ['/v1/messages/count_tokens', endpoint('anthropic', 'count_tokens')],
  ['/v1/chat/completions', endpoint('openai-chat', 'generate')],
  ['/v1/responses', endpoint('openai-responses', 'generate')],
  ['/v1/embeddings', endpoint('openai-chat', 'embeddings')],
]);

const geminiPath = /^\/v1(?:beta|alpha)?\/models\/([^:]+):(generateContent|streamGenerateContent|countTokens)$/;

/**
 * Finds the endpoint of a URL, or undefined when it is none of the data plane's.
 * Fixed paths cost one Map lookup; everything else is looked at only after that has failed.
 */
export function findEndpoint(
  url: string,
  providers: ReadonlySet<string>,
): { endpoint: Endpoint; query: string } | undefined {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = queryAt === -1 ? '' : url.slice(queryAt + 1);
  const found = fixed.get(path) ?? findGemini(path, query) ?? findTransparent(path, providers);
  return found === undefined ? undefined : { endpoint: found, query };
}

function endpoint(protocol: ProtocolId, operation: Operation): ProtocolEndpoint {
  return { kind: 'protocol', protocol, operation, model: '', stream: undefined, framing: 'sse' };
}

function findGemini(path: string, query: string): ProtocolEndpoint | undefined {
  const match = geminiPath.exec(path);
  if (match === null) return undefined;
  const streams = match[2] === 'streamGenerateContent';
  return {
    kind: 'protocol',
    protocol: 'gemini',
    operation: match[2] === 'countTokens' ? 'count_tokens' : 'generate',
    model: unescaped(match[1] ?? ''),
    stream: streams,
    framing: streams && new URLSearchParams(query).get('alt') !== 'sse' ? 'json-array' : 'sse',
  };
}

function findTransparent(path: string, providers: ReadonlySet<string>): TransparentEndpoint | undefined {
  const end = path.indexOf('/', 1);
  const provider = end === -1 ? path.slice(1) : path.slice(1, end);
  if (!providers.has(provider)) return undefined;
  const rest = end === -1 ? '/' : path.slice(end);
  return leadsUp(rest) ? undefined : { kind: 'transparent', provider: provider as ProviderId, path: rest };
}

/** `.` or `..` between slashes of either kind, or before parameters as some servers read them. */
const dotSegment = /[/\\]\.{1,2}(?:[/\\;?#]|$)/;

/** An upstream that resolved it would answer from outside of the account's base URL, with the account's credentials. */
function leadsUp(path: string): boolean {
  return dotSegment.test(unescaped(path));
}

/** Without percent-encoding. A malformed escape is left as it stands; the name is then simply unknown. */
export function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
