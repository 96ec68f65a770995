import { describe } from 'vitest';
import { ociProvider } from '../../../node/providers/oci/index.ts';
import type { Limit } from '../../suites/provider-subject.ts';
import { describeProvider } from '../../suites/provider.ts';
import { ociAccount, startOci } from '../../upstream/oci/upstream.ts';
import { defaultModels } from '../../upstream/upstream.ts';

// No format takes reasoning back with a signature, numbers the fragments of calls, or says when a limit ends.
const common: readonly Limit[] = ['signed-thinking', 'interleaved-tools', 'reset-headers'];

/** One model of each format and of each way in which a backend sends its calls. */
const models: readonly (readonly [model: string, cannot: readonly Limit[]])[] = [
  ['xai.grok-3-mini', []],
  ['openai.gpt-oss-120b', []],
  ['openai.gpt-5', []],
  ['google.gemini-2.5-pro', []],
  ['meta.llama-3.3-70b-instruct', []],
  ['cohere.command-a-03-2025', ['thinking', 'images', 'tool-choice', 'parallel-switch']],
  ['cohere.command-a-reasoning-08-2025', ['parallel-switch']],
];

describe.each(models)('%s', (model, cannot) => {
  describeProvider({
    provider: ociProvider,
    startUpstream: () => startOci({ models: defaultModels }),
    accountFields: (upstream, key) => ociAccount(upstream, key),
    model,
    cannot: [...common, ...cannot],
  });
});
