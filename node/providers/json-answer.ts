import { isJsonObject, type Json, type JsonObject, parseJson } from '../../kit/json.ts';
import { protocolFaults } from '../protocols/faults.ts';

/** An upstream's answer as a JSON object; throws `upstream_bad_answer`. */
export function jsonObjectAnswer(body: Buffer): JsonObject {
  const parsed = jsonAnswer(body, 'answer');
  if (isJsonObject(parsed)) return parsed;
  throw protocolFaults.upstream_bad_answer("the upstream's answer is not a JSON object");
}

/** An upstream's answer as JSON; `what` names it in the `upstream_bad_answer` that is thrown for anything else. */
export function jsonAnswer(body: Buffer, what: string): Json {
  const parsed = parseJson(body.toString());
  if (parsed === undefined) throw protocolFaults.upstream_bad_answer(`the upstream's ${what} is not JSON`);
  return parsed;
}
