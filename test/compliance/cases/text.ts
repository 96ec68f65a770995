import { expect } from 'vitest';
import { ask, question } from '../asks.ts';
import type { Heard } from '../contract.ts';
import type { Case, Scene } from '../scene.ts';

export const text: Case = {
  id: 'text',
  title: 'text',
  meaning: 'A question with a system prompt is answered whole: text, end, model and usage.',
  async run(scene) {
    const heard = await scene.ask(ask(scene.model, { system: 'Be brief.' }));
    expectEcho(scene, heard);
    expect(scene.prompt.system).toContain('Be brief.');
  },
};

export const stream: Case = {
  id: 'stream',
  title: 'stream',
  meaning: 'The same as a stream, in several pieces.',
  async run(scene) {
    const heard = await scene.ask(ask(scene.model, { system: 'Be brief.' }), true);
    expectEcho(scene, heard);
    expect(heard.pieces).toBeGreaterThan(1);
  },
};

/** One call, and the question back with everything that belongs to an answer. */
export function expectEcho(scene: Scene, heard: Heard): void {
  expect(heard).toMatchObject({ text: question, finish: 'stop', model: scene.model, calls: [], thinking: '' });
  expect(heard.inputTokens).toBeGreaterThan(0);
  if (scene.subject.besides?.['usage'] === undefined)
    expect(heard.outputTokens).toBe(scene.upstream.totals.tokens.output);
  expect(heard.outputTokens).toBeGreaterThan(0);
  expect(scene.calls.map(({ status }) => status)).toEqual([200]);
}
