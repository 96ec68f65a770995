import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { ApiCall } from '../api.ts';
import type { ServiceAccount } from './accounts.ts';
import { checkProfile } from './accounts.ts';
import type { Checks } from './fields.ts';
import { type Service, windowTokens } from './service.ts';

export type SideOperation = 'GetUsageLimits' | 'ListAvailableModels' | 'ListAvailableProfiles';

/** REST paths by host: the old one and Kiro's control plane spell them differently. */
const paths: Readonly<Record<string, SideOperation>> = {
  'GET /getUsageLimits': 'GetUsageLimits',
  'GET /Get-Usage-Limits': 'GetUsageLimits',
  'GET /ListAvailableModels': 'ListAvailableModels',
  'GET /List-Available-Models': 'ListAvailableModels',
  'POST /ListAvailableProfiles': 'ListAvailableProfiles',
  'POST /List-Available-Profiles': 'ListAvailableProfiles',
};
/** The path by which a script's rule names the call, whatever the form. */
export const sidePaths: Record<SideOperation, string> = {
  GetUsageLimits: '/getUsageLimits',
  ListAvailableModels: '/ListAvailableModels',
  ListAvailableProfiles: '/ListAvailableProfiles',
};

const parameters: Record<SideOperation, readonly string[]> = {
  GetUsageLimits: ['profileArn', 'origin', 'resourceType', 'isEmailRequired'],
  ListAvailableModels: ['origin', 'profileArn', 'maxResults', 'nextToken', 'modelProvider'],
  ListAvailableProfiles: ['maxResults', 'nextToken'],
};

/** Which side call this is in REST; undefined: none. */
export function restSideCall(call: ApiCall): SideOperation | undefined {
  return paths[`${call.request.method} ${call.path}`];
}

/** Which side call a target of JSON 1.0 means. */
export function targetSideCall(target: string, service: Service): SideOperation | undefined {
  const [prefix = '', operation = ''] = target.split('.');
  const isKnown = service.sideTargets.includes(prefix) && Object.hasOwn(parameters, operation);
  return isKnown ? (operation as SideOperation) : undefined;
}

export interface SideCall {
  operation: SideOperation;
  given: JsonObject;
  account: ServiceAccount;
  models: readonly string[];
}

/** Answers a side call; refuses parameters that it does not know. */
export function answerSideCall(
  { operation, given, account, models }: SideCall,
  service: Service,
  checks: Checks,
): Json {
  const odd = Object.keys(given).find((name) => !parameters[operation].includes(name));
  if (odd !== undefined) checks.improper(`${operation}: ${odd} is not known`);
  if (operation === 'ListAvailableProfiles') return listProfiles(given, account, service, checks);
  if (!service.origins.includes(String(given['origin'])))
    checks.improper(`${operation}: origin is none of ${service.origins.join(', ')}`);
  checkProfile(given['profileArn'], account, service, checks.refuse);
  if (operation === 'ListAvailableModels') return listModels(given, models, service, checks);
  if (given['resourceType'] !== 'AGENTIC_REQUEST' && given['resourceType'] !== 'CREDIT')
    checks.improper('GetUsageLimits: resourceType is neither AGENTIC_REQUEST nor CREDIT');
  return usageLimits(service, given, account);
}

function listProfiles(given: JsonObject, account: ServiceAccount, service: Service, checks: Checks): Json {
  if (account.kind === 'builder-id' || account.kind === 'api-key')
    checks.refuse(
      { status: 403, type: 'AccessDeniedException', message: 'This account is not supported for this operation.' },
      `ListAvailableProfiles: ${account.id} has none`,
    );
  const { page, nextToken } = pageOf(account.profiles, given, service, checks);
  return { profiles: page.map((arn) => ({ arn, profileName: `profile of ${account.id}` })), nextToken };
}

function listModels(given: JsonObject, models: readonly string[], service: Service, checks: Checks): Json {
  const { page, nextToken } = pageOf(models, given, service, checks);
  return {
    models: page.map((modelId) => ({
      modelId,
      modelName: modelId,
      description: `The scripted ${modelId}`,
      rateMultiplier: 1.3,
      rateUnit: 'credit',
      tokenLimits: { maxInputTokens: windowTokens, maxOutputTokens: 64_000 },
      supportedInputTypes: ['TEXT', 'IMAGE'],
      additionalModelRequestFieldsSchema: {},
    })),
    defaultModel: { modelId: models[0] ?? '' },
    nextToken,
  };
}

interface Page {
  page: readonly string[];
  nextToken: string | null;
}

/** Tokens are this service's own: one that it has not made is refused. */
function pageOf(all: readonly string[], given: JsonObject, service: Service, checks: Checks): Page {
  const { nextToken: token, maxResults } = given;
  const start = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(String(token))?.[1] ?? NaN);
  if (Number.isNaN(start)) checks.improper('nextToken: is none of this list');
  const size = Math.min(service.pageSize, maxResults === undefined ? Infinity : Number(maxResults));
  if (!(size >= 1)) checks.improper('maxResults: is no number from 1 on');
  const end = start + size;
  return { page: all.slice(start, end), nextToken: end < all.length ? `page-${end}` : null };
}

function usageLimits({ usage }: Service, given: JsonObject, account: ServiceAccount): Json {
  const resetSeconds = usage.resetAtMs / 1000;
  const whole = { currentUsage: Math.floor(usage.used), usageLimit: Math.floor(usage.limit) };
  return {
    nextDateReset: resetSeconds,
    daysUntilReset: Math.max(0, Math.ceil((usage.resetAtMs - Date.now()) / 86_400_000)),
    limits: [],
    usageBreakdownList: [
      {
        resourceType: String(given['resourceType']),
        displayName: 'Credit',
        displayNamePlural: 'Credits',
        ...whole,
        currentUsageWithPrecision: usage.used,
        usageLimitWithPrecision: usage.limit,
        currentOverages: 0,
        overageRate: 0.04,
        overageCap: 10_000,
        unit: 'INVOCATIONS',
        currency: 'USD',
        bonuses: [],
        nextDateReset: resetSeconds,
      },
    ],
    subscriptionInfo: { subscriptionTitle: 'KIRO FREE', type: 'Q_DEVELOPER_STANDALONE_FREE' },
    overageConfiguration: { overageStatus: 'DISABLED' },
    userInfo: { userId: `d-${account.id}`, ...(isTrue(given['isEmailRequired']) ? { email: 'a@example.org' } : {}) },
  };
}

const isTrue = (value: Json | undefined): boolean => value === true || value === 'true';

/** Parameters of the query, as the JSON form has them in its body. */
export function queryParameters(query: URLSearchParams): JsonObject {
  return Object.fromEntries(query);
}

export function bodyParameters(body: unknown, checks: Checks): JsonObject {
  return isJsonObject(body) ? body : checks.improper('body: is no object');
}
