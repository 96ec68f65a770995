import type { CredentialPlaces } from './contract.ts';
import type { KeyPlacesSettings } from './settings.ts';

/** Name of the entry for providers that have none of their own. */
export const anyProvider = 'default';

/**
 * Where clients put their keys for `/{provider}/…`, by provider; what is not named is not looked at. A provider that is
 * not in it is asked in the usual places.
 */
export function keyPlaces(
  settings: KeyPlacesSettings,
  providers: Iterable<string>,
): ReadonlyMap<string, CredentialPlaces> {
  const places = new Map<string, CredentialPlaces>();
  for (const provider of providers) {
    const own = settings[provider] ?? settings[anyProvider];
    if (own !== undefined) places.set(provider, own);
  }
  return places;
}

/** All query parameters that are key places of some provider. */
export function keyParameters(settings: KeyPlacesSettings): string[] {
  return Object.values(settings).flatMap(({ query }) => query);
}
