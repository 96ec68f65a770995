import { accountSettings } from '../accounts/settings.ts';
import type { ProviderId } from '../providers/contract.ts';
import { providers } from '../providers/registry.ts';
import { shapeOf, type Shape } from './schema-shape.ts';

/** Keys of every account. */
export const accountBaseShape: Shape = accountSettings.shape;

/** All keys of an account: its own and its provider's. Only the first for a provider that is not known. */
export function accountShape(provider: unknown): Shape {
  const known = providers.get(provider as ProviderId);
  const own = known === undefined ? undefined : shapeOf(known.credential);
  // Twice: the first gives the order, the last the word where both have a key.
  return { ...accountBaseShape, ...own, ...accountBaseShape };
}
