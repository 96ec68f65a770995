import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { Lack, Subject } from '../compliance/contract.ts';
import { RunningSubject } from '../compliance/running-subject.ts';
import { subjects } from '../compliance/subjects/registry.ts';
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
  /** What the model cannot do; a test of it does not apply. */
  lacks: readonly Lack[];
}

/** The vendor whose API a client speaks; `google` has no scripted upstream of its own. */
export type Vendor = 'openai' | 'anthropic' | 'google';

export const openaiModel = 'gpt-4o-mini';
export const anthropicModel = 'claude-sonnet-5-5';
export const embeddingModel = 'text-embedding-3-small';

/**
 * Runs a client's tests against one node in front of both custom providers, against one in front of each other provider's
 * stand-in, and, where the client's own vendor is scripted,
 * against the upstream itself: what fails there is the upstream's fault and not the proxy's.
 */
export function describeTargets(
  client: string,
  vendor: Vendor,
  tests: (target: () => Target) => void,
  scope: 'custom providers' | 'all providers' = 'all providers',
): void {
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
      lacks: [],
    });
    const direct = (model: string) => (): Target => ({
      rootUrl: upstream.anthropicBaseUrl,
      openaiBaseUrl: upstream.openaiBaseUrl,
      key: upstreamKey,
      model,
      upstream,
      node: undefined,
      lacks: [],
    });
    if (vendor === 'openai') describe('against the upstream itself', () => tests(direct(openaiModel)));
    if (vendor === 'anthropic') describe('against the upstream itself', () => tests(direct(anthropicModel)));
    describe('through a node to openai-custom', () => tests(through(openaiModel)));
    describe('through a node to claude-custom', () => tests(through(anthropicModel)));
  });
  if (scope === 'all providers') describeOtherProviders(client, tests);
}

/** Runs a client's tests against one node in front of each provider that is not a custom one. */
export function describeOtherProviders(client: string, tests: (target: () => Target) => void): void {
  for (const subject of otherSubjects) {
    describe(`${client} through a node to ${subject.id}`, () => testSubject(subject, tests));
  }
}

/** A provider whose stand-in plays the same scripts. */
function testSubject(subject: Subject, tests: (target: () => Target) => void): void {
  let running: RunningSubject;
  beforeAll(async () => {
    running = await RunningSubject.start(subject);
  });
  afterAll(() => running.stop());
  beforeEach(() => running.reset());
  tests(() => ({
    rootUrl: running.node.url,
    openaiBaseUrl: `${running.node.url}/v1`,
    key: nodeKey,
    model: subject.model,
    upstream: running.standIn.upstream,
    node: running.node,
    lacks: subject.lacks ?? [],
  }));
}

const otherSubjects = subjects.filter(({ id }) => !/^(?:openai|claude)-custom/.test(id));

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
