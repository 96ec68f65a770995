import { countTokens, type Prompt } from './prompt.ts';
import { schemaExample } from './schema-example.ts';
import type { Script, ScriptedCall } from './script.ts';
import { sealThinking, signThinking } from './signature.ts';

/** A scripted answer before it is written in one API's format. */
export interface Plan {
  blocks: Block[];
  finish: 'stop' | 'stop_sequence' | 'length' | 'calls' | 'refusal' | 'pause';
  stopSequence: string | undefined;
  usage: PlanUsage | undefined;
}

export type Block =
  | { type: 'thinking'; pieces: string[]; signature: string }
  | { type: 'redacted'; data: string }
  | { type: 'text'; pieces: Iterable<string> }
  | { type: 'call'; serial: number; name: string; pieces: string[] };

/** `uncached` + `cacheRead` + `cacheWrite` is the whole prompt; `output` includes `reasoning`. */
export interface PlanUsage {
  uncached: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

export const thought = 'First the request is read, then the answer is written.';
/** Usage of `cached` scripts. */
export const cachedUsage = { cacheRead: 800, cacheWrite: 100 } as const;

let calls = 0;
let asked: Prompt | undefined;

/** What a scripted model of this process was asked last, whatever the format it came in. */
export function lastPrompt(): Prompt | undefined {
  return asked;
}

/** What the scripted model answers to this prompt. */
export function makePlan(prompt: Prompt, script: Script): Plan {
  asked = prompt;
  const blocks: Block[] = [];
  if (script.thinking ?? prompt.wantsThinking) {
    blocks.push({ type: 'thinking', pieces: pieces(thought), signature: signThinking(thought) });
  }
  if (script.redacted) blocks.push({ type: 'redacted', data: sealThinking(thought) });
  const made = plannedCalls(prompt, script);
  const spoken =
    made.length > 0 && script.say === undefined ? { text: [], finish: 'calls' as const } : speak(prompt, script);
  if (script.endless || script.events !== undefined || spoken.text.length > 0) {
    blocks.push({ type: 'text', pieces: script.endless ? endless() : spoken.text });
  }
  blocks.push(...made);
  const finish = script.finish ?? (made.length > 0 ? 'calls' : spoken.finish);
  const stopSequence = finish === 'stop_sequence' ? (spoken.stopSequence ?? prompt.stop[0] ?? 'STOP') : undefined;
  return { blocks, finish, stopSequence, usage: script.noUsage ? undefined : usageOf(prompt, script, blocks) };
}

interface Spoken {
  text: string[];
  finish: 'stop' | 'stop_sequence' | 'length' | 'calls';
  stopSequence?: string;
}

function speak(prompt: Prompt, script: Script): Spoken {
  if (script.hugeBytes !== undefined) return { text: ['x'.repeat(script.hugeBytes)], finish: 'stop' };
  if (script.events !== undefined) {
    return { text: Array.from({ length: script.events }, (_, index) => `word${index} `), finish: 'stop' };
  }
  let text = sayText(prompt, script);
  for (const sequence of prompt.stop) {
    const at = text.indexOf(sequence);
    if (at !== -1) return { text: pieces(text.slice(0, at)), finish: 'stop_sequence', stopSequence: sequence };
  }
  const lengthMax = (prompt.maxTokens ?? Infinity) * 4;
  if (text.length <= lengthMax) return { text: pieces(text), finish: 'stop' };
  text = text.slice(0, lengthMax);
  return { text: pieces(text), finish: 'length' };
}

function sayText(prompt: Prompt, script: Script): string {
  if (script.say !== undefined) return script.say;
  if (prompt.jsonSchema !== undefined) return JSON.stringify(schemaExample({ type: 'object', ...prompt.jsonSchema }));
  if (script.describe) return describe(prompt);
  if (prompt.results.length > 0) {
    return `The tools said: ${prompt.results.map((result) => (result.isError ? `Error: ${result.text}` : result.text)).join('; ')}`;
  }
  return prompt.text === '' ? 'Nothing to echo.' : prompt.text;
}

/** One line of facts about the request, so that a test can see across the proxy what arrived. */
function describe(prompt: Prompt): string {
  const images = prompt.images.map((image) => `${image.mediaType}:${image.bytes}`).join(',');
  const tools = prompt.tools.map((tool) => tool.name).join(',');
  return `roles=${prompt.roles} system=${prompt.system.length} text=${prompt.text.length} images=${images || 'none'} tools=${tools || 'none'}`;
}

function plannedCalls(prompt: Prompt, script: Script): Block[] {
  if (prompt.tools.length === 0 || prompt.forbidsTools) return [];
  const isAnswered = prompt.results.length > 0;
  const wanted = script.calls ?? (prompt.forced !== undefined && !isAnswered ? 1 : 0);
  if (isAnswered && script.callsOnce && prompt.forced === undefined) return [];
  const chosen = Array.isArray(wanted) ? wanted : chosenCalls(prompt, wanted);
  return (prompt.forbidsParallel ? chosen.slice(0, 1) : chosen).map((call) => ({
    type: 'call',
    serial: ++calls,
    name: call.name,
    pieces: pieces(JSON.stringify(call.input)),
  }));
}

function chosenCalls(prompt: Prompt, amount: number): ScriptedCall[] {
  const offered =
    typeof prompt.forced === 'string' ? prompt.tools.filter((tool) => tool.name === prompt.forced) : prompt.tools;
  return Array.from({ length: amount }, (_, index) => {
    const tool = offered[index % offered.length];
    const input = schemaExample({ type: 'object', ...tool?.schema });
    return { name: tool?.name ?? '', input };
  });
}

function usageOf(prompt: Prompt, script: Script, blocks: Block[]): PlanUsage {
  const cache = script.cached ? cachedUsage : { cacheRead: 0, cacheWrite: 0 };
  let output = 0;
  let reasoning = 0;
  for (const block of blocks) {
    if (block.type === 'thinking') reasoning += countTokens(block.pieces.join(''));
    if (block.type === 'text' && Array.isArray(block.pieces)) output += countTokens(block.pieces.join(''));
    if (block.type === 'call') output += countTokens(block.name) + countTokens(block.pieces.join(''));
  }
  return { uncached: prompt.inputTokens, ...cache, output: output + reasoning, reasoning };
}

/** Cut as a model's tokens would be, never inside a character. */
function pieces(text: string, length = 9): string[] {
  const characters = Array.from(text);
  const cut: string[] = [];
  for (let start = 0; start < characters.length; start += length)
    cut.push(characters.slice(start, start + length).join(''));
  return cut;
}

function* endless(): Generator<string> {
  for (let index = 0; ; index++) yield `word${index} `;
}
