import { healthSettings } from '../accounts/settings.ts';
import { providers } from '../providers/registry.ts';
import type { Settings } from './settings.ts';

/** Settings that are read and checked, but that this version does not act on. */
export const unbuilt: readonly { key: string; isOn: (settings: Settings) => boolean }[] = [
  { key: 'websocket.enabled', isOn: ({ websocket }) => websocket.enabled },
  { key: 'redis.addr', isOn: ({ redis }) => redis.addr !== undefined },
  { key: 'queue.enabled', isOn: ({ queue }) => queue.enabled },
  { key: 'notify', isOn: ({ notify }) => notify.webhook !== undefined || notify.command !== undefined },
  { key: 'health.interval', isOn: ({ health }) => health.interval !== healthSettings.shape.interval.def.defaultValue },
  { key: 'health.adjust_weights', isOn: ({ health }) => health.adjust_weights },
];

/** One warning for each such setting that is on, and for each account whose provider does not serve. */
export function unbuiltWarnings(settings: Settings): string[] {
  const keys = unbuilt.filter(({ isOn }) => isOn(settings));
  const idle = settings.accounts.flatMap(({ id, provider }) => {
    const reason = providers.get(provider)?.unavailable;
    return reason === undefined ? [] : [`account ${id}: ${reason}`];
  });
  return [...keys.map(({ key }) => `${key} is set; this version reads it but does not act on it`), ...idle];
}
