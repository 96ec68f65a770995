import { expect } from 'vitest';
import { ask, question } from '../asks.ts';
import type { Case } from '../scene.ts';

const systemBytes = 200_000;

export const longSystem: Case = {
  id: 'long-system',
  title: 'long system prompt',
  meaning: 'A system prompt of 200 kB arrives whole.',
  async run(scene) {
    const sentence = 'Answer in the words of a careful hydrologist. ';
    const system = `${sentence.repeat(Math.ceil(systemBytes / sentence.length))}END-OF-SYSTEM`;
    const heard = await scene.ask(ask(scene.model, { system }));
    expect(heard.text).toContain(question);
    expect(scene.prompt.system).toContain(system);
  },
};

export const stopSequence: Case = {
  id: 'stop-sequence',
  title: 'stop sequence',
  meaning: 'The text ends in front of it, whole and streamed, with the right reason, also where the provider has none.',
  async run(scene) {
    if (!scene.can('stop sequences')) return scene.notApplicable();
    // Anthropic alone tells a stop sequence from an end of the model's own.
    const isTold = scene.speaker.id === 'anthropic' && scene.can('which end the text came to');
    const expected = isTold ? 'stop_sequence' : 'stop';
    for (const isStream of [false, true]) {
      const heard = await scene.ask(ask(scene.model, { stop: [' Lake '] }), isStream);
      expect(heard.text).toBe('How deep is');
      expect(heard.finish).toBe(expected);
    }
  },
};
