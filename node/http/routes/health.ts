import { z } from 'zod';
import type { Accounts } from '../../accounts/directory.ts';
import { accountsHealth } from '../../accounts/stats.ts';
import type { NodeFacts } from '../dependencies.ts';
import type { RecorderReading } from '../../usage/contract.ts';
import { defineRoute, type Route } from '../define-route.ts';
import type { Readiness } from '../readiness.ts';
import { Reply } from '../reply.ts';

const healthSchema = z.strictObject({
  status: z.enum(['healthy', 'unhealthy']),
  accounts: z.strictObject({ total: z.number(), available: z.number(), unavailable: z.number() }),
  store: z
    .enum(['well', 'behind', 'spilling', 'losing'])
    .describe('how writing traces and usage goes; requests do not wait for it'),
  hint: z.string().optional().describe('what to do, where the node has no account at all'),
});

const liveSchema = z.strictObject({ status: z.literal('alive') });
const readySchema = z.strictObject({ status: z.enum(['starting', 'joining', 'ready', 'own_network', 'draining']) });

const howToAddAnAccount =
  'This node has no account yet. Add one with an `accounts:` entry in the file given to --config, or ' +
  'with POST /accounts {"id": "work", "provider": "openai-custom", "base_url": "https://api.openai.com/v1", "api_key": "…"}.';

export interface HealthDependencies {
  node: NodeFacts;
  accounts: Accounts;
  readiness: Readiness;
  store: () => RecorderReading['state'];
}

/** What load balancers and supervisors ask; no key needed. */
export function healthRoutes(dependencies: HealthDependencies): Route[] {
  return [root(), health(dependencies), live(), ready(dependencies.readiness)];
}

/** Claude Code and load balancers probe `HEAD /`. */
function root(): Route {
  return defineRoute({
    method: 'GET',
    path: '/',
    permission: 'none',
    tag: 'health',
    summary: 'Says that a node answers here',
    response: z.strictObject({ service: z.literal('aiproxy'), health: z.string(), docs: z.string() }),
    handler: () => ({ service: 'aiproxy' as const, health: '/health', docs: '/docs' }),
  });
}

function health({ node, accounts, store }: HealthDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/health',
    permission: 'none',
    tag: 'health',
    summary: 'Whether any account can serve; 503 when none can',
    response: healthSchema,
    handler() {
      const counts = accountsHealth(accounts, node.clock.nowMs());
      if (counts.available > 0) return { status: 'healthy' as const, accounts: counts, store: store() };
      const hint = counts.total === 0 ? { hint: howToAddAnAccount } : {};
      return Reply.json(503, { status: 'unhealthy', accounts: counts, store: store(), ...hint });
    },
  });
}

function live(): Route {
  return defineRoute({
    method: 'GET',
    path: '/health/live',
    permission: 'none',
    tag: 'health',
    summary: 'Answers as long as the process works',
    response: liveSchema,
    handler: () => ({ status: 'alive' as const }),
  });
}

function ready(readiness: Readiness): Route {
  return defineRoute({
    method: 'GET',
    path: '/health/ready',
    permission: 'none',
    tag: 'health',
    summary:
      'Whether the node wants requests; 503 while it starts, joins or drains, or when its own network is at fault',
    response: readySchema,
    handler: () => Reply.json(readiness.isReady ? 200 : 503, { status: readiness.phase }),
  });
}
