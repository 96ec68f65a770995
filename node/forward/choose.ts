import type { Account, Attempt } from '../accounts/contract.ts';
import { isFault } from '../../kit/fault.ts';
import type { KeyPolicy } from '../auth/contract.ts';
import type { ProtocolId } from '../protocols/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import { modelNameLengthMax } from '../routing/catalog.ts';
import type { PickContext, Route } from '../routing/contract.ts';
import { routingFaults } from '../routing/faults.ts';
import { affinityHash, namesSession } from './affinity-hash.ts';
import { requireModel, requireResolved, requireTransparent } from './allowed-models.ts';
import type { Call } from './call.ts';
import { clientAddressOf } from './client-address.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import type { ProtocolEndpoint } from './endpoint.ts';
import { forwardFaults } from './faults.ts';
import { requireForeground } from './foreground.ts';
import { requireNoOtherModel } from './other-models.ts';
import { noteTransparentModel, transparentFormat } from './transparent-format.ts';

/** Resolves the model to its candidates and says what routing may use. Throws `unknown_model` and its like. */
export function findRoute(call: Call, deps: ForwardDependencies, options: ForwardOptions): void {
  const { endpoint } = call;
  const policy = call.caller?.policy;
  if (endpoint.kind === 'transparent') {
    if (policy !== undefined) requireTransparent(policy, endpoint.provider);
    call.route = deps.router.routeProvider(endpoint.provider, policy?.scope);
    noteTransparentModel(call, endpoint, deps);
    if (policy !== undefined) requireReadable(call, policy, transparentFormat(endpoint));
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
  if (policy !== undefined) requireReadable(call, policy, endpoint.protocol);
  call.route =
    policy === undefined ? deps.router.route(call.requestedModel) : routeWithin(policy, call.requestedModel, deps);
  if (options.affinity === 'off' && !isAffinityCommon) return;
  const wantsAffinity = isAffinityCommon || facts.usesPromptCache || namesSession(call);
  if (wantsAffinity) call.affinity = affinityHash(call, facts, call.route.resolved.model);
}

/** What was read of a body must be what it asks for. Nothing is, of what cannot be read at all. */
function requireReadable({ body, requestedModel }: Call, policy: KeyPolicy, protocol: ProtocolId | undefined): void {
  if (requestedModel !== '') requireNoOtherModel(policy, body);
  requireForeground(policy, protocol, body);
}

/** A key that is limited hears nothing of models that it may not use: of an unknown one not even the nearest names. */
function routeWithin(policy: KeyPolicy, requested: string, { router, providers }: ForwardDependencies): Route {
  requireModel(policy, requested, providers);
  try {
    const route = router.route(requested, policy.scope);
    requireResolved(policy, requested, route.resolved, providers);
    return route;
  } catch (error) {
    if (!isFault(error) || error.code !== 'unknown_model') throw error;
    throw routingFaults.unknown_model(`unknown model ${JSON.stringify(requested.slice(0, modelNameLengthMax))}`, {
      field: 'model',
    });
  }
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
  return {
    nowMs,
    model: call.route?.resolved.model ?? '',
    clientAddress: clientAddressOf(call, deps),
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
