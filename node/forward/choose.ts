import type { Account, Attempt } from '../accounts/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { PickContext } from '../routing/contract.ts';
import { affinityHash, namesSession } from './affinity-hash.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import type { ProtocolEndpoint } from './endpoint.ts';
import { forwardFaults } from './faults.ts';

/** Resolves the model to its candidates and says what routing may use. Throws `unknown_model` and its like. */
export function findRoute(call: Call, deps: ForwardDependencies, options: ForwardOptions): void {
  const { endpoint } = call;
  if (endpoint.kind === 'transparent') {
    call.route = deps.router.routeProvider(endpoint.provider);
    call.tried = withoutPath(call.route.accounts, endpoint.path);
    return;
  }
  const isAffinityCommon = options.affinity === 'always' || deps.router.algorithm === 'prompt_affinity';
  const facts = call.protocol.scanRequest(call.body, isAffinityCommon);
  call.facts = facts;
  call.stream = endpoint.stream ?? facts.stream;
  call.includeUsage = facts.includesUsage || endpoint.protocol !== 'openai-chat';
  call.requestedModel = endpoint.model === '' ? facts.model : endpoint.model;
  if (call.requestedModel === '')
    throw protocolFaults.invalid_request('model: is required and must be a string', { field: 'model' });
  call.route = deps.router.route(call.requestedModel);
  if (options.affinity === 'off' && !isAffinityCommon) return;
  const wantsAffinity = isAffinityCommon || facts.usesPromptCache || namesSession(call);
  if (wantsAffinity) call.affinity = affinityHash(call, facts, call.route.resolved.model);
}

/** Accounts whose API has no such path, unless that is all of them: then the upstream says so in its own words. */
function withoutPath(accounts: readonly Account[], path: string): Account[] {
  const lacking = accounts.filter(({ upstream }) => upstream?.hasPath?.(path) === false);
  return lacking.length === accounts.length ? [] : lacking;
}

/**
 * Leaves out accounts that cannot do what is asked, before any is tried: embeddings are never translated, and tokens are
 * counted for another protocol's clients only where the upstream knows how. Answers whether any account is left; throws `embeddings_unsupported` where that must be told.
 */
export function excludeIncapable(call: Call, { protocol, operation }: ProtocolEndpoint): boolean {
  if (operation === 'generate') return true;
  const accounts = call.route?.accounts ?? [];
  call.tried = accounts.filter(({ upstream }) => {
    if (upstream?.speaks(protocol, operation) === true) return false;
    return operation !== 'count_tokens' || upstream?.countTokens === undefined;
  });
  if (call.tried.length < accounts.length || operation === 'count_tokens') return call.tried.length < accounts.length;
  throw forwardFaults.embeddings_unsupported(`model: no account that serves ${call.requestedModel} offers embeddings`, {
    field: 'model',
  });
}

/** What a strategy may go by for this call. */
export function pickContext(call: Call, deps: ForwardDependencies, nowMs: number): PickContext {
  const { socket, headers } = call.request;
  return {
    nowMs,
    model: call.route?.resolved.model ?? '',
    clientAddress: deps.clientAddress.of(socket.remoteAddress, headers['x-forwarded-for']),
    affinity: call.affinity,
    tried: call.tried,
  };
}

/** Picks an account and takes a place in it; undefined when none can serve at this moment. */
export function choose(
  call: Call,
  context: PickContext,
  deps: ForwardDependencies,
): { account: Account; attempt: Attempt } | undefined {
  const route = call.route;
  if (route === undefined) return undefined;
  const account = deps.router.pick(route, context);
  if (account === undefined) return undefined;
  const attempt = account.begin(context.nowMs, context.model);
  return attempt === undefined ? undefined : { account, attempt };
}

/** True when some account could serve once a place is free: then waiting makes sense. */
export function mayWait(call: Call, nowMs: number): boolean {
  const { route } = call;
  if (route === undefined) return false;
  for (const account of route.accounts) {
    if (!call.tried.includes(account) && account.couldServe(nowMs, route.resolved.model)) return true;
  }
  return false;
}
