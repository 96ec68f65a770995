import { expect } from 'vitest';
import { ask, pngBase64, pngBytes } from '../asks.ts';
import type { Case } from '../scene.ts';

const url = 'https://images.example/lake.png';

export const image: Case = {
  id: 'image',
  title: 'image',
  meaning: 'A PNG in base64 reaches the model; one by URL does too, or is refused with 400.',
  async run(scene) {
    const turn = { by: 'user', text: 'What is this?' } as const;
    const inline = ask(scene.model, { turns: [{ ...turn, image: { base64: pngBase64, mediaType: 'image/png' } }] });
    await scene.ask(inline);
    expect(scene.prompt.images).toEqual([{ mediaType: 'image/png', bytes: pngBytes }]);
    expect(scene.prompt.text).toContain('What is this?');
    scene.upstream.clear();
    const linked = await scene.askOrRefused(ask(scene.model, { turns: [{ ...turn, image: { url } }] }));
    if (linked !== undefined) expect(scene.prompt.images).toEqual([{ mediaType: url, bytes: 0 }]);
  },
};
