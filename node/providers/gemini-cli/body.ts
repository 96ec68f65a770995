import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { TokenCountCall } from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';

/** Members of a request that Code Assist takes inside its envelope; it refuses any other. */
const taken = [
  'contents',
  'systemInstruction',
  'cachedContent',
  'tools',
  'toolConfig',
  'labels',
  'safetySettings',
  'generationConfig',
  'session_id',
] as const;

/** The API takes every member in snake case as well; the envelope was only seen with camel case. */
const snakeForms = new Map(
  taken.map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name]),
);

/** A Gemini client's own request as it fits into the envelope; `dropped` are members that it does not take. */
export function innerRequest(bytes: Buffer): { request: JsonObject; dropped: string[] } {
  // The scan of the request has proved the body well-formed and an object.
  const whole = JSON.parse(bytes.toString()) as JsonObject;
  // A count may be asked for a whole request.
  const nested = whole['generateContentRequest'] ?? whole['generate_content_request'];
  const from = isJsonObject(nested) ? nested : whole;
  const request: JsonObject = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(from)) {
    const known = snakeForms.get(name) ?? taken.find((each) => each === name);
    if (known !== undefined) request[known] = value;
    else if (name !== 'model') dropped.push(name);
  }
  request['contents'] = contentsOf(request['contents']);
  return { request, dropped };
}

/**
 * Each content has a role there; a missing one is the user's, and so is `function`, older clients' for responses. A bare
 * content is a list of one.
 */
function contentsOf(contents: Json | undefined): Json[] {
  const list = Array.isArray(contents) ? contents : contents === undefined ? [] : [contents];
  return list.map(withRole);
}

function withRole(content: Json): Json {
  if (!isJsonObject(content)) return content;
  const { role } = content;
  return role === undefined || role === '' || role === 'function' ? { ...content, role: 'user' } : content;
}

/** Answer to `countTokens`; an absent count is none. */
export const parseTokenCount: TokenCountCall['parse'] = (body) => {
  const { totalTokens } = jsonObjectAnswer(body);
  if (totalTokens === undefined) return undefined;
  if (typeof totalTokens === 'number') return totalTokens;
  throw protocolFaults.upstream_bad_answer("the upstream's token count is no number");
};
