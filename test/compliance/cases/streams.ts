import { expect } from 'vitest';
import { ask, tools } from '../asks.ts';
import type { Heard } from '../contract.ts';
import type { Case } from '../scene.ts';

export const streamError: Case = {
  id: 'mid-stream-error',
  title: 'mid-stream error',
  meaning: "After partial text comes the protocol's error event, never an end that looks complete.",
  async run(scene) {
    scene.upstream.script('text=5,error-after=2');
    expectBroken(await scene.attempt(ask(scene.model), true));
  },
};

export const truncation: Case = {
  id: 'truncation',
  title: 'truncation',
  meaning: 'The same for a stream that ends early, be it properly or with the connection.',
  async run(scene) {
    scene.upstream.script('text=5,truncate=2');
    expectBroken(await scene.attempt(ask(scene.model), true));
    await scene.running.reset();
    scene.upstream.script('text=5,truncate=5');
    expectBroken(await scene.attempt(ask(scene.model), true), 5);
  },
};

export const singleBytes: Case = {
  id: 'single-bytes',
  title: '1-byte delivery',
  meaning: 'An answer that comes byte by byte, whole or streamed, equals the normal one.',
  async run(scene) {
    const script = scene.can('thinking') ? 'thinking,parallel=2' : 'parallel=2';
    const asked = ask(scene.model, { tools });
    for (const isStream of [false, true]) {
      scene.upstream.clear();
      scene.upstream.script(script);
      const normal = await scene.ask(asked, isStream);
      scene.upstream.clear();
      scene.upstream.script(`${script},pieces=1`);
      expect(essence(await scene.ask(asked, isStream))).toEqual(essence(normal));
    }
  },
};

function expectBroken(heard: Heard, words = 2): void {
  expect(heard.text).toBe(Array.from({ length: words }, (_, index) => `word${index} `).join(''));
  expect(heard.finish).toBeUndefined();
  expect(heard.failure).toMatchObject({ status: undefined });
  expect(heard.failure?.kind).not.toBe('');
}

/** Everything but what is new in each answer: ids, and signatures bound to them. */
function essence({ text, thinking, calls, finish, model, inputTokens, outputTokens }: Heard): unknown {
  const named = calls.map(({ name, input }) => ({ name, input }));
  return { text, thinking, calls: named, finish, model, inputTokens, outputTokens };
}
