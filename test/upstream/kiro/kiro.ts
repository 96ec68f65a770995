import type { Service } from '../codewhisperer/service.ts';
import { type AssistantOptions, type AssistantUpstream, startAssistant } from '../codewhisperer/start.ts';
import { socialProfileArn } from '../oauth-issuer.ts';

export type KiroKind = 'social' | 'builder-id' | 'enterprise' | 'api-key';

/** Fields of the configuration. */
export interface KiroAccount {
  readonly base_url: string;
  readonly token_url?: string;
  readonly refresh_token?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly api_key?: string;
}

/** AWS Kiro, as its wire facts have it. */
export interface KiroUpstream extends AssistantUpstream {
  /**
   * A login and what the configuration needs for it. Scripts and records call the account by its id, which may carry a
   * script (`k1:500`). An enterprise account's profile must be discovered.
   */
  account(id: string, kind?: KiroKind): KiroAccount;
  /** The same as what the IDE keeps in `kiro-auth-token.json`, and the registration that stands beside it. */
  credsFile(id: string, kind?: 'social' | 'builder-id' | 'enterprise'): KiroFiles;
}

export interface KiroFiles {
  readonly token: Readonly<Record<string, string>>;
  /** Of `{clientIdHash}.json`; absent for social logins. */
  readonly registration?: Readonly<Record<string, string>>;
}

export interface KiroOptions extends AssistantOptions {
  /** The new host, which wants a profile with every call. */
  isRuntime?: boolean;
}

const clientIdHash = '8b1c3f0de5a94f7c2b60d4a1e97f35c8a6b2d014';

/** Fresh, since tests change it. */
export const kiroService = (isRuntime: boolean): Service => ({
  name: 'kiro',
  chatTargets: isRuntime
    ? ['KiroRuntimeService.GenerateAssistantResponse']
    : ['AmazonCodeWhispererStreamingService.GenerateAssistantResponse'],
  sideTargets: ['AmazonCodeWhispererService', 'KiroControlPlaneBearerService'],
  origins: ['AI_EDITOR', 'KIRO_CLI'],
  quota: { status: 402, type: 'ServiceQuotaExceededException', message: 'You have reached the limit.' },
  takesEmptyContent: false,
  isRuntime,
  requiresProfile: isRuntime,
  pageSize: 2,
  usage: { used: 31.42, limit: 50, resetAtMs: Date.UTC(2030, 0, 1) },
});

/** Starts it on the loopback address: service, control plane and login service of one account's world. */
export async function startKiro(options: KiroOptions = {}): Promise<KiroUpstream> {
  const { isRuntime = false, ...rest } = options;
  const upstream = await startAssistant(kiroService(isRuntime), rest);
  const login = (id: string, kind: Exclude<KiroKind, 'api-key'>) => {
    upstream.accounts.add(id, kind);
    return kind === 'social' ? upstream.issuer.loginSocial(id) : upstream.issuer.login(id);
  };
  return Object.assign(upstream, {
    account(id: string, kind: KiroKind = 'social'): KiroAccount {
      if (kind === 'api-key') return { base_url: upstream.url, api_key: upstream.accounts.apiKey(id) };
      return { base_url: upstream.url, ...login(id, kind) };
    },
    credsFile: (id: string, kind: 'social' | 'builder-id' | 'enterprise' = 'social') => filesOf(login(id, kind), kind),
  });
}

type Login = Partial<Record<'client_id' | 'client_secret', string>> & { refresh_token: string };

function filesOf(login: Login, kind: 'social' | 'builder-id' | 'enterprise'): KiroFiles {
  // The access token of the file has ended, as one has that was written an hour ago.
  const common = {
    accessToken: 'ended',
    refreshToken: login.refresh_token,
    expiresAt: new Date(Date.now() - 1000).toISOString(),
  };
  if (kind === 'social')
    return { token: { ...common, authMethod: 'social', provider: 'Google', profileArn: socialProfileArn } };
  const provider = kind === 'enterprise' ? 'Enterprise' : 'BuilderId';
  const { client_id: clientId = '', client_secret: clientSecret = '' } = login;
  return {
    token: { ...common, authMethod: 'IdC', provider, region: 'us-east-1', clientIdHash },
    registration: { clientId, clientSecret, expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  };
}
