import { expect } from 'vitest';
import { thought } from '../../upstream/plan.ts';
import { ask, tools } from '../asks.ts';
import type { Case } from '../scene.ts';
import { answerCall } from './tools.ts';

export const thinking: Case = {
  id: 'thinking',
  title: 'thinking',
  meaning:
    "Thinking arrives in the client's own form, whole and streamed; its signature, where the provider has one, comes back on the next turn.",
  async run(scene) {
    if (!scene.can('thinking')) return scene.notApplicable();
    const signature = scene.subject.signature?.(scene.model, 'lake_info');
    scene.upstream.script('thinking,tools');
    const asked = ask(scene.model, { tools, thinking: true });
    for (const isStream of [false, true]) {
      const heard = await scene.ask(asked, isStream);
      expect(heard.thinking).toBe(thought);
      await answerCall(scene, asked, heard, isStream);
      const sent = String(scene.calls.at(-1)?.body);
      if (signature !== undefined) expect(sent).toContain(signature);
      expect(sent, 'marks are for clients alone').not.toContain('aiproxy0');
    }
    if (signature === undefined) scene.can('the signature of a thought');
  },
};
