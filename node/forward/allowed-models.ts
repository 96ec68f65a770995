import type { KeyPolicy } from '../auth/contract.ts';
import type { ProviderId } from '../providers/contract.ts';
import { modelNameLengthMax } from '../routing/catalog.ts';
import type { ResolvedModel } from '../routing/contract.ts';
import { forwardFaults } from './faults.ts';

/**
 * A key that is limited to models may use the names that it lists, whatever they stand for: one that lists an alias may
 * use the alias, one that lists the model behind it may not reach it by the alias. `provider/model` may be used where
 * that text is listed, or the bare name is. Throws `model_not_allowed` or `provider_not_allowed`.
 */
export function requireModel(policy: KeyPolicy, requested: string, providers: ReadonlySet<string>): void {
  const prefix = providerIn(requested, providers);
  const isAllowed =
    policy.allowsModel(requested) || (prefix !== '' && policy.allowsModel(requested.slice(prefix.length + 1)));
  if (!isAllowed) throw modelNotAllowed(requested);
  if (prefix !== '') requireProvider(policy, prefix);
}

/** The prefix is believed to name a provider only where routing took it for one: a listed model may be spelt so too. */
export function requireResolved(
  policy: KeyPolicy,
  requested: string,
  resolved: ResolvedModel,
  providers: ReadonlySet<string>,
): void {
  const prefix = providerIn(requested, providers);
  if (prefix !== '' && resolved.provider !== prefix && !policy.allowsModel(requested)) throw modelNotAllowed(requested);
}

/** The transparent route, whose requests are not read: of no use to a key that is limited to models. */
export function requireTransparent(policy: KeyPolicy, provider: ProviderId): void {
  requireProvider(policy, provider);
  // Only a key that is not limited allows what is no name.
  if (policy.allowsModel('')) return;
  throw forwardFaults.model_not_allowed(
    'your key is limited to models, and what /{provider}/… asks for is not read; use the path of a protocol',
  );
}

function requireProvider(policy: KeyPolicy, provider: string): void {
  if (policy.providers === undefined || policy.providers.has(provider)) return;
  throw forwardFaults.provider_not_allowed(`your key may not use the provider ${provider}`);
}

export function modelNotAllowed(requested: string, field = 'model') {
  const shown = JSON.stringify(requested.slice(0, modelNameLengthMax));
  return forwardFaults.model_not_allowed(`your key may not use the model ${shown}`, { field });
}

/** The provider of `provider/model`; '' where there is none. */
function providerIn(requested: string, providers: ReadonlySet<string>): string {
  const slash = requested.indexOf('/');
  if (slash <= 0) return '';
  const prefix = requested.slice(0, slash);
  return providers.has(prefix) ? prefix : '';
}
