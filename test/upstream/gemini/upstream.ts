import type { IncomingMessage } from 'node:http';
import { start, type Upstream, type UpstreamOptions } from '../upstream.ts';
import { geminiApi } from './gemini.ts';
import { geminiClientSecret, GeminiOauth } from './oauth.ts';
import type { GeminiState } from './state.ts';

export interface GeminiUpstream extends Upstream, GeminiState {
  /** An account's own fields for this upstream; the project of a login is `my-proj`. */
  account(id: string, kind: 'login' | 'key'): Record<string, unknown>;
}

export const geminiModels = [
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.5-flash',
] as const;

/** The scripted upstream as Google's public Gemini API, Code Assist and their login service, on one port. */
export async function startGemini(
  options: Pick<UpstreamOptions, 'port' | 'models' | 'keepAliveMs'> = {},
): Promise<GeminiUpstream> {
  const oauth = new GeminiOauth();
  const state: GeminiState = {
    oauth,
    discovery: { kind: 'current', project: 'my-proj' },
    projects: new Set(['my-proj']),
    delayIn: 'retry-info',
    onboardings: [],
  };
  const acceptsKey = (key: string) => key.startsWith('sk-upstream') || oauth.families.isGood(key);
  const upstream = await start({ models: geminiModels, ...options, acceptsKey, api: geminiApi(state), credentialOf });
  return Object.assign(state, upstream, {
    account: (id: string, kind: 'login' | 'key') =>
      kind === 'key'
        ? { api_key: `sk-upstream-${id}`, base_url: upstream.url }
        : {
            refresh_token: oauth.families.open(id),
            client_secret: geminiClientSecret,
            token_url: `${upstream.url}/token`,
            base_url: upstream.url,
            project: 'my-proj',
          },
  });
}

/** A key in its header or in the query, or a bearer. */
function credentialOf(request: IncomingMessage): string | undefined {
  const { authorization, 'x-goog-api-key': apiKey } = request.headers;
  if (typeof apiKey === 'string') return apiKey;
  if (authorization?.startsWith('Bearer ')) return authorization.slice('Bearer '.length);
  return new URL(request.url ?? '/', 'http://upstream').searchParams.get('key') ?? undefined;
}
