import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { claudeAccount, nodeKey, openaiAccount, runNode, type TestNode } from '../running-node.ts';
import { start, type Upstream, upstreamKey } from '../upstream/upstream.ts';

/** Where a client is pointed. */
export interface Target {
  /** Root, for the Anthropic and Google clients. */
  rootUrl: string;
  /** With `/v1`, for the OpenAI clients. */
  openaiBaseUrl: string;
  key: string;
  /** A model that the account under test serves. */
  model: string;
  /** What stands behind; tests script it and read what reached it. */
  upstream: Upstream;
  /** Undefined when the client speaks to the upstream itself. */
  node: TestNode | undefined;
}

/** The vendor whose API a client speaks; `google` has no scripted upstream of its own. */
export type Vendor = 'openai' | 'anthropic' | 'google';

export const openaiModel = 'gpt-4o-mini';
export const anthropicModel = 'claude-sonnet-5-5';
export const embeddingModel = 'text-embedding-3-small';

/**
 * Runs a client's tests against one node in front of both providers, and, where the client's own vendor is scripted,
 * against the upstream itself: what fails there is the upstream's fault and not the proxy's.
 */
export function describeTargets(client: string, vendor: Vendor, tests: (target: () => Target) => void): void {
  describe(client, () => {
    let upstream: Upstream;
    let node: TestNode;
    beforeAll(async () => {
      upstream = await start();
      const accounts = [
        openaiAccount(upstream, 'openai', { models: [openaiModel, embeddingModel], responses: true }),
        claudeAccount(upstream, 'claude', { models: [anthropicModel] }),
      ];
      node = await runNode({ accounts });
    });
    afterAll(async () => {
      await node.stop();
      await upstream.close();
    });
    beforeEach(async () => {
      upstream.clear();
      // A test that provoked a 429 or an open breaker leaves nothing to the next one.
      for (const id of ['openai', 'claude']) await node.post(`/accounts/${id}/reset`, {});
    });
    const through = (model: string) => (): Target => ({
      rootUrl: node.url,
      openaiBaseUrl: `${node.url}/v1`,
      key: nodeKey,
      model,
      upstream,
      node,
    });
    const direct = (model: string) => (): Target => ({
      rootUrl: upstream.anthropicBaseUrl,
      openaiBaseUrl: upstream.openaiBaseUrl,
      key: upstreamKey,
      model,
      upstream,
      node: undefined,
    });
    if (vendor === 'openai') describe('against the upstream itself', () => tests(direct(openaiModel)));
    if (vendor === 'anthropic') describe('against the upstream itself', () => tests(direct(anthropicModel)));
    describe('through a node to openai-custom', () => tests(through(openaiModel)));
    describe('through a node to claude-custom', () => tests(through(anthropicModel)));
  });
}

/** The error that a call ends in. Fails when it succeeds. */
export async function errorOf<Kind extends Error>(
  call: PromiseLike<unknown>,
  kind: abstract new (...parameters: never[]) => Kind,
): Promise<Kind> {
  let outcome: unknown;
  try {
    outcome = await call;
  } catch (error) {
    if (error instanceof kind) return error;
    throw new Error(`expected ${kind.name}`, { cause: error });
  }
  throw new Error(`expected ${kind.name}, got an answer: ${JSON.stringify(outcome)}`);
}
