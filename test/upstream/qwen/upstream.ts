import { start, type Upstream, type UpstreamOptions } from '../upstream.ts';
import { QwenOauth } from './oauth.ts';
import { qwenApi, type QwenState } from './qwen.ts';

/** The scripted upstream as Qwen's portal, Model Studio and their login service, on one port. */
export interface QwenUpstream extends Upstream, QwenState {
  /** An account's own fields for this upstream; an access token for `login` is what a refresh gives. */
  account(id: string, kind: 'login' | 'key'): Record<string, unknown>;
}

/** Any key that begins with `sk-upstream` is good at both doors, and every access token that the service has issued. */
export async function startQwen(options: Pick<UpstreamOptions, 'port' | 'keepAliveMs'> = {}): Promise<QwenUpstream> {
  const oauth = new QwenOauth();
  const state: QwenState = { oauth, isFreeTierOver: false };
  const acceptsKey = (key: string) => key.startsWith('sk-upstream') || oauth.families.isGood(key);
  const upstream = await start({ ...options, acceptsKey, api: qwenApi(state) });
  return Object.assign(state, upstream, {
    account: (id: string, kind: 'login' | 'key') =>
      kind === 'key'
        ? { api_key: `sk-upstream-${id}`, base_url: `${upstream.url}/compatible-mode/v1` }
        : {
            refresh_token: oauth.families.open(id),
            token_url: `${upstream.url}/api/v1/oauth2/token`,
            base_url: `${upstream.url}/v1`,
          },
  });
}
