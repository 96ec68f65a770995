import type { IncomingMessage } from 'node:http';
import { type Issuer, socialProfileArn } from '../oauth-issuer.ts';
import type { Refuse } from './errors.ts';
import type { Service } from './service.ts';

/** `open`: a bare token of a test (`sk-upstream…`), which no rule about profiles binds. */
export type AccountKind = 'builder-id' | 'enterprise' | 'social' | 'api-key' | 'open';

export interface ServiceAccount {
  readonly id: string;
  readonly kind: AccountKind;
  /** The profiles that belong to it. */
  readonly profiles: readonly string[];
}

const arnPattern = /^arn:aws:codewhisperer:[a-z0-9-]+:\d{12}:profile\/[A-Z0-9]+$/;
const apiKeyStart = 'ksk_scripted_';

/** Who may call, and with which profile. */
export class Accounts {
  readonly #issuer: Issuer;
  readonly #known = new Map<string, ServiceAccount>();

  constructor(issuer: Issuer) {
    this.#issuer = issuer;
  }

  add(id: string, kind: AccountKind): ServiceAccount {
    const own = `arn:aws:codewhisperer:us-east-1:444455556666:profile/${id.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase()}`;
    const profiles = kind === 'enterprise' ? [own] : kind === 'social' ? [socialProfileArn] : [];
    const account = { id, kind, profiles };
    this.#known.set(id, account);
    return account;
  }

  apiKey(id: string): string {
    this.add(id, 'api-key');
    return apiKeyStart + id;
  }

  /** The name of the account that scripts and records go by; a token that is nobody's stands for itself. */
  nameOf(request: IncomingMessage): string | undefined {
    const token = bearerOf(request);
    if (token?.startsWith(apiKeyStart)) return token.slice(apiKeyStart.length);
    return token === undefined ? undefined : (this.#issuer.nameOf(token) ?? token);
  }

  /** The account that calls; refuses a token that is missing, unknown, ended or in the wrong company. */
  caller(request: IncomingMessage, refuse: Refuse): ServiceAccount {
    const token = bearerOf(request) ?? refuse('expired', 'authorization: is no bearer token');
    const id = this.nameOf(request) ?? '';
    if (token.startsWith('sk-upstream')) return { id, kind: 'open', profiles: [] };
    const account = this.#known.get(id);
    if (account?.kind === 'api-key') {
      if (request.headers['tokentype'] === 'API_KEY') return account;
      return refuse('expired', 'tokentype: an API key goes with API_KEY');
    }
    if (!this.#issuer.isGood(token)) return refuse('expired', 'authorization: the token is unknown or has ended');
    return account ?? { id, kind: 'builder-id', profiles: [] };
  }
}

/** The profile that a call names, under the rules of its account and host. */
export function checkProfile(arn: unknown, account: ServiceAccount, service: Service, refuse: Refuse): void {
  if (arn === undefined) {
    const isNeeded = account.kind === 'enterprise' || (service.requiresProfile && account.kind !== 'api-key');
    if (isNeeded) refuse(profileRequired, 'profileArn: is missing');
    return;
  }
  if (typeof arn !== 'string' || !arnPattern.test(arn)) refuse(madeUpProfile, 'profileArn: is no ARN of a profile');
  if (account.kind === 'open' || (account.kind === 'builder-id' && service.requiresProfile)) return;
  if (!account.profiles.includes(arn as string)) refuse('forbidden', `profileArn: does not belong to ${account.id}`);
}

const profileRequired = {
  status: 400,
  type: 'ValidationException',
  message: 'profileArn is required for this request.',
};

const madeUpProfile = {
  status: 400,
  type: 'ValidationException',
  message: 'Invalid profileArn.',
  reason: 'REQUEST_BODY_INVALID',
};

function bearerOf({ headers }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
}
