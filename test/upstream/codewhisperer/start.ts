import { type Issuer, startIssuer } from '../oauth-issuer.ts';
import { start, type Upstream, type UpstreamOptions } from '../upstream.ts';
import { type AccountKind, Accounts } from './accounts.ts';
import { AssistantApi, type OperationCounts } from './api.ts';
import { LoginService } from './login-service.ts';
import type { Service } from './service.ts';

export interface AssistantOptions extends Pick<UpstreamOptions, 'port' | 'models' | 'keepAliveMs'> {
  /** Lifetime of access tokens; 3600. */
  lifetimeSeconds?: number;
}

/** What the stand-ins of both services have: the service at `url`, its login service at `issuer.url`. */
export interface AssistantUpstream extends Upstream {
  /** Tokens: rotation, refusals, counts, reuses. */
  readonly issuer: Issuer;
  /** How people log in: device codes, the browser. */
  readonly logins: LoginService;
  /** Switches and figures that may change while it runs. */
  readonly service: Service;
  /** Calls by operation, whatever the form. */
  readonly calls: Readonly<OperationCounts>;
  readonly accounts: Accounts;
}

export const assistantModels = [
  'claude-sonnet-4.5',
  'claude-sonnet-4',
  'claude-haiku-4.5',
  'claude-opus-4.5',
  'claude-3.7-sonnet',
];

/** Starts a service and its login service on the loopback address. */
export async function startAssistant(service: Service, options: AssistantOptions = {}): Promise<AssistantUpstream> {
  const { lifetimeSeconds, ...rest } = options;
  const logins: LoginService = new LoginService(() => issuer);
  const issuer = await startIssuer({
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    others: (request, text) => logins.answer(request, text),
  });
  const accounts = new Accounts(issuer);
  const api = new AssistantApi(service, accounts);
  const upstream = await start({
    models: assistantModels,
    ...rest,
    api,
    credentialOf: (request) => accounts.nameOf(request),
  });
  const { clear, close } = upstream;
  return Object.assign(upstream, {
    issuer,
    logins,
    service,
    accounts,
    calls: api.counts,
    clear() {
      clear();
      for (const operation of Object.keys(api.counts) as (keyof OperationCounts)[]) api.counts[operation] = 0;
    },
    async close() {
      await close();
      await issuer.close();
    },
  });
}

export type { AccountKind };
