import { makeLimitedKey } from '../limited-key.ts';
import type { Target } from './contract.ts';
import { nodeCommand, nodeKey, usualSettings } from './product-node.ts';

/** The product as people run it: authorisation, balancing, breakers, metrics, usage and traces on; no answer cache. */
export const aiproxy = node('aiproxy', 'this product, all features on, one node, no answer cache', false);

/** The same with the answer cache on: every exchange of the bench after the first is a hit. */
export const aiproxyCache = node('aiproxy-cache', 'this product with its answer cache, every request a hit', true);

/** Another process of the same: how far it comes out from the first is the error of a comparison between them. */
export const aiproxyTwin: Target = {
  ...node('aiproxy-twin', 'another process of aiproxy: how far two of the same differ', false),
  startedBy: 'work',
};

/** The same, asked with a user's key that has every restriction, limit and budget there is, all far away. */
export const aiproxyKey: Target = {
  ...aiproxyTwin,
  name: 'aiproxy-key',
  summary: "this product, asked with a user's key with all limits and budgets",
  prepare: async (site) => ({
    ...(await aiproxyTwin.prepare(site)),
    settled: async () => ({ authorization: `Bearer ${await makeLimitedKey(site.port, nodeKey)}` }),
  }),
};

function node(name: string, summary: string, isCaching: boolean): Target {
  return {
    name,
    summary,
    translates: true,
    byDefault: true,
    missing: () => undefined,
    prepare: (site) => ({
      ...nodeCommand(site.folder, usualSettings(site, isCaching), site),
      headers: { authorization: `Bearer ${nodeKey}` },
      readyPath: '/health/live',
    }),
  };
}
