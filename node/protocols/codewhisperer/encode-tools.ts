import type { JsonObject } from '../../../kit/json.ts';
import type { Tool } from '../../conversation/contract.ts';
import { InliningAllowance } from '../tool-schema/inlining-allowance.ts';
import { cleanSchema } from './clean-schema.ts';
import type { SentToolNames } from './sent-tool-names.ts';

export interface EncodedTools {
  readonly tools: JsonObject[];
  /** What descriptions were too long to hold, for the system prompt. */
  readonly overflow: string[];
}

const noDescription = 'No description.';
const goneDescription = 'Was used earlier in this conversation and is not available any more.';
const continued = ' … (continued in the system prompt)';

/**
 * The tools of a request, with placeholders for those that were called earlier and are not declared any more. Ask after
 * the history is encoded, since only then `names` knows of those.
 */
export function encodeTools(tools: readonly Tool[], names: SentToolNames, descriptionBytesMax: number): EncodedTools {
  const overflow: string[] = [];
  const allowance = new InliningAllowance();
  const encoded = new Map<string, JsonObject>();
  for (const tool of tools) {
    const name = names.of(tool.name);
    if (encoded.has(name)) continue;
    const [description, rest] = cutDescription(tool.description ?? '', descriptionBytesMax);
    if (rest !== '') overflow.push(`The description of the tool ${name} continues:\n${rest}`);
    encoded.set(name, specification(name, description, cleanSchema(tool.schema, allowance)));
  }
  for (const name of names.undeclared.map((undeclared) => names.of(undeclared))) {
    encoded.set(name, specification(name, goneDescription, { type: 'object', properties: {} }));
  }
  return { tools: [...encoded.values()], overflow };
}

function specification(name: string, description: string, schema: JsonObject): JsonObject {
  return { toolSpecification: { name, description, inputSchema: { json: schema } } };
}

/** A description of at most so many bytes, cut between characters, and what did not fit. */
function cutDescription(given: string, bytesMax: number): [kept: string, rest: string] {
  const description = given.toWellFormed();
  if (description.trim() === '') return [noDescription, ''];
  if (Buffer.byteLength(description) <= bytesMax) return [description, ''];
  const bytes = Buffer.from(description);
  let end = bytesMax - Buffer.byteLength(continued);
  // Bytes 10xxxxxx continue a character.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return [bytes.toString('utf8', 0, end) + continued, bytes.toString('utf8', end)];
}
