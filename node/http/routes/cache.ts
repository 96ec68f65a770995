import { z } from 'zod';
import type { ClearScope } from '../../cache/contract.ts';
import { scopeValueLengthMax } from '../../cache/scope.ts';
import { defineRoute, type Route } from '../define-route.ts';
import type { ManagementDependencies } from '../dependencies.ts';

const tag = 'cache';

const statsSchema = z.strictObject({
  enabled: z.boolean(),
  entries: z.number(),
  size_bytes: z.number(),
  max_size_bytes: z.number(),
  hits: z.number(),
  misses: z.number(),
  hit_rate: z.number(),
  evictions: z.number(),
  expired: z.number(),
  coalesced: z.number(),
  peer_hits: z.number(),
  ttl_seconds: z.number(),
  epoch: z.string(),
});

const spread = { acknowledged: z.array(z.string()), missing: z.array(z.string()) };
const name = z.string().min(1).max(scopeValueLengthMax).optional();

/** At most one of them: what two of them together would mean is anybody's guess. */
const scopeSchema = z
  .strictObject({ model: name, tag: name, key: name })
  .refine((query) => Object.values(query).filter((value) => value !== undefined).length <= 1, {
    message: 'give one of model, tag and key, or none of them to clear everything',
  });

type CacheDependencies = Pick<ManagementDependencies, 'cache'>;

/** The cache of answers: how it does, clearing it, switching it. */
export function cacheRoutes({ cache }: CacheDependencies): Route[] {
  return [stats({ cache }), clear({ cache }), toggle({ cache }, true), toggle({ cache }, false)];
}

function stats({ cache }: CacheDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/cache/stats',
    permission: 'cache:read',
    tag,
    summary: "This node's cache of answers in numbers",
    response: statsSchema,
    handler() {
      const reading = cache.reading();
      return {
        enabled: reading.isEnabled,
        entries: reading.entries,
        size_bytes: reading.sizeBytes,
        max_size_bytes: reading.sizeBytesMax,
        hits: reading.hits,
        misses: reading.misses,
        hit_rate: reading.hitRate,
        evictions: reading.evictions,
        expired: reading.expired,
        coalesced: reading.coalesced,
        peer_hits: reading.peerHits,
        ttl_seconds: reading.ttlMs / 1000,
        epoch: reading.epoch,
      };
    },
  });
}

function clear({ cache }: CacheDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/cache/clear',
    permission: 'cache:write',
    tag,
    summary: 'Drops kept answers on every member: all of them, or those of a model, of a tag, or of one key',
    query: scopeSchema,
    response: z.strictObject({ cleared: z.number(), ...spread }),
    async handler({ query }) {
      const { cleared, acknowledged, missing } = await cache.clear(scopeOf(query));
      return { cleared, acknowledged: [...acknowledged], missing: [...missing] };
    },
  });
}

function toggle({ cache }: CacheDependencies, isEnabled: boolean): Route {
  return defineRoute({
    method: 'PUT',
    path: isEnabled ? '/cache/enable' : '/cache/disable',
    permission: 'cache:write',
    tag,
    summary: isEnabled
      ? 'Keeps and serves answers, on every member'
      : 'Keeps and serves no answers, on every member; those that are kept stay until their time is over',
    response: z.strictObject({ enabled: z.boolean(), ...spread }),
    async handler() {
      const { acknowledged, missing } = await cache.setEnabled(isEnabled);
      return { enabled: isEnabled, acknowledged: [...acknowledged], missing: [...missing] };
    },
  });
}

function scopeOf(query: z.infer<typeof scopeSchema>): ClearScope {
  if (query.model !== undefined) return { kind: 'model', value: query.model };
  if (query.tag !== undefined) return { kind: 'tag', value: query.tag };
  return query.key === undefined ? { kind: 'all' } : { kind: 'key', value: query.key };
}
