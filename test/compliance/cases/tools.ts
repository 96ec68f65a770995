import { expect } from 'vitest';
import { lakeInput } from '../../clients/samples.ts';
import { ask, lakeTool, pngBase64, pngBytes, tools, withResults } from '../asks.ts';
import type { Ask, Heard, HeardCall } from '../contract.ts';
import type { Case, Scene } from '../scene.ts';
import { nameOfCall } from '../name-of-call.ts';

export const toolCall: Case = {
  id: 'tool-call',
  title: 'tool call',
  meaning: 'One call with its arguments, whole and streamed; its result comes back and the answer goes on.',
  async run(scene) {
    scene.upstream.script('tools');
    const asked = ask(scene.model, { tools });
    for (const isStream of [false, true]) {
      const heard = await scene.ask(asked, isStream);
      expect(onlyCall(heard)).toMatchObject({ name: 'lake_info', input: lakeInput });
      expect(heard.finish).toBe('calls');
      const after = await answerCall(scene, asked, heard, isStream);
      expect(after).toMatchObject({ finish: 'stop', calls: [] });
      expect(scene.prompt.results).toHaveLength(1);
    }
  },
};

export const parallelTools: Case = {
  id: 'parallel-tools',
  title: 'parallel tools',
  meaning: 'Two calls in one turn with ids of their own; results in the other order reach the calls they belong to.',
  async run(scene) {
    scene.upstream.script('parallel=2');
    const asked = ask(scene.model, { tools });
    for (const isStream of [false, true]) {
      const heard = await scene.ask(asked, isStream);
      expect(heard.calls.map(({ name, input }) => [name, input])).toEqual([
        ['lake_info', lakeInput],
        ['weather', { place: 'example place' }],
      ]);
      const results = heard.calls.map((call) => ({ call, text: `result of ${call.name}` }));
      if (hasIds(scene, heard.calls)) results.reverse();
      const after = await scene.ask(withResults(asked, heard, results), isStream);
      for (const { text } of results) expect(after.text).toContain(text);
      expectPaired(scene);
    }
  },
};

export const toolResults: Case = {
  id: 'tool-results',
  title: 'tool results',
  meaning: 'A result that failed, and one with an image, reach the model as such.',
  async run(scene) {
    scene.upstream.script('tools');
    const asked = ask(scene.model, { tools: [lakeTool] });
    const heard = await scene.ask(asked);
    const call = onlyCall(heard);
    if (scene.can('the error flag of a result')) {
      await scene.ask(withResults(asked, heard, [{ call, text: 'no such lake', isError: true }]));
      const [result] = scene.prompt.results;
      expect(result?.text).toContain('no such lake');
      // Where the provider's format has no flag either, it is said in words.
      if (result?.isError !== true) expect(result?.text).toMatch(/^\W*error\b/i);
    } else {
      await scene.ask(withResults(asked, heard, [{ call, text: 'no such lake' }]));
      expect(scene.prompt.results[0]?.text).toContain('no such lake');
    }
    if (!scene.can('an image in a result')) return;
    scene.upstream.clear();
    const shown = await scene.askOrRefused(withResults(asked, heard, [{ call, text: 'a photo', image: pngBase64 }]));
    if (shown !== undefined) expect(scene.prompt.images).toEqual([{ mediaType: 'image/png', bytes: pngBytes }]);
  },
};

/** The result of the one call goes back, and the model goes on with it. */
export async function answerCall(scene: Scene, asked: Ask, heard: Heard, isStream: boolean): Promise<Heard> {
  const text = '30 metres';
  const after = await scene.ask(withResults(asked, heard, [{ call: onlyCall(heard), text }]), isStream);
  expect(after.text).toContain(text);
  return after;
}

function onlyCall(heard: Heard): HeardCall {
  const [call] = heard.calls;
  if (call === undefined || heard.calls.length > 1) throw new Error(`${heard.calls.length} calls`);
  return call;
}

/** Each call has an id of its own; only the bytes of a provider without ids may bring none. */
function hasIds(scene: Scene, calls: HeardCall[]): boolean {
  const ids = new Set(calls.map(({ id }) => id));
  if (ids.has('')) expect(scene.can('ids of calls')).toBe(false);
  else expect(ids.size).toBe(2);
  return !ids.has('');
}

/** At the upstream, each result stands at the call of its own tool. */
function expectPaired(scene: Scene): void {
  const sent = scene.calls.at(-1)?.json;
  expect(scene.prompt.results).toHaveLength(2);
  for (const { callId, text } of scene.prompt.results) expect(text).toContain(`result of ${nameOfCall(sent, callId)}`);
}
