import { z } from 'zod';

const memberSchema = z.strictObject({
  node_id: z.string(),
  address: z.string(),
  state: z.enum(['alive', 'suspect', 'dead', 'left']),
  self: z.boolean(),
  health: z.string().nullable().describe('what it says of itself: joining, well, own_network, draining'),
  version: z.string(),
  uptime_seconds: z.number(),
  in_flight: z.number(),
  last_heard_ms: z.number().nullable(),
  rtt_ms: z.number().nullable(),
});

const accountSchema = z.strictObject({
  id: z.string(),
  available: z.boolean(),
  in_flight: z.record(z.string(), z.number()).describe('by node'),
  breaker: z.record(z.string(), z.string()).describe('by node: closed, open, half-open'),
});

const tokenSchema = z.strictObject({
  account: z.string(),
  expires_at: z.string().nullable(),
  refreshed_by: z.string().nullable(),
  term: z.number().nullable(),
  needs_login: z.boolean(),
});

/** The shape of `GET /cluster/status`; the same for a node alone. */
export const clusterStatusSchema = z.strictObject({
  node_id: z.string(),
  leader: z.string().nullable(),
  term: z.number(),
  converged: z.boolean().describe('this node has joined, and all live members see the same'),
  joined: z.boolean(),
  obstacle: z.string().nullable().describe('what keeps the node from joining'),
  cache_epoch: z.string(),
  version: z.string(),
  voters: z.array(z.string()),
  members: z.array(memberSchema),
  accounts: z.array(accountSchema),
  tokens: z.array(tokenSchema),
});

export type ClusterStatus = z.infer<typeof clusterStatusSchema>;
export type TokenStatus = z.infer<typeof tokenSchema>;

export const peerCardSchema = z.strictObject({
  node_id: z.string(),
  peer_id: z.string(),
  addresses: z.array(z.string()),
  version: z.string(),
  instance: z.string().optional().describe('random, of this process'),
});
