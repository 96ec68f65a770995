import type { Service } from '../codewhisperer/service.ts';
import { type AssistantOptions, type AssistantUpstream, startAssistant } from '../codewhisperer/start.ts';

export interface AmazonqAccount {
  readonly base_url: string;
  readonly token_url: string;
  readonly refresh_token: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** Of an Identity Center account. */
  readonly profile_arn?: string;
}

/** Amazon Q Developer, as its wire facts have it. */
export interface AmazonqUpstream extends AssistantUpstream {
  /**
   * A login and what the configuration needs for it. Scripts and records call the account by its id, which may carry a
   * script (`q1:500`).
   */
  account(id: string, kind?: 'builder-id' | 'enterprise'): AmazonqAccount;
}

/** Fresh, since tests change it. */
export const amazonqService = (): Service => ({
  name: 'amazonq',
  chatTargets: ['AmazonCodeWhispererStreamingService.GenerateAssistantResponse'],
  sideTargets: ['AmazonCodeWhispererService'],
  origins: ['CLI', 'KIRO_CLI'],
  quota: { status: 400, type: 'ThrottlingException', message: 'Maximum Request reached for this month.' },
  takesEmptyContent: true,
  isRuntime: false,
  requiresProfile: false,
  pageSize: 2,
  usage: { used: 31.42, limit: 50, resetAtMs: Date.UTC(2030, 0, 1) },
});

/** Starts it on the loopback address. */
export async function startAmazonq(options: AssistantOptions = {}): Promise<AmazonqUpstream> {
  const upstream = await startAssistant(amazonqService(), options);
  return Object.assign(upstream, {
    account(id: string, kind: 'builder-id' | 'enterprise' = 'builder-id'): AmazonqAccount {
      const [arn] = upstream.accounts.add(id, kind).profiles;
      const login = upstream.issuer.login(id);
      return { base_url: upstream.url, ...login, ...(arn === undefined ? {} : { profile_arn: arn }) };
    },
  });
}
