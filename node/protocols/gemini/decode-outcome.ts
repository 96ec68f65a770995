import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import type { ToolResultPart } from '../../conversation/contract.ts';
import { badField, join, objectAt, optionalArray, optionalObject } from '../fields.ts';
import { inlineMedia, linkedMedia, unsupported } from './decode-media.ts';
import { member } from './names.ts';

/** What a `functionResponse` says: its object as text, its media beside it. */
export function decodeOutcome(response: JsonObject, path: string): Pick<ToolResultPart, 'content' | 'isError'> {
  const { text, isError } = outcomeOf(optionalObject(response, 'response', path) ?? {});
  const content: ToolResultPart['content'] = text === '' ? [] : [{ type: 'text', text }];
  pushAll(content, resultMedia(response, path));
  return isError ? { content, isError } : { content };
}

/**
 * `output` and `error` are the documented keys of a response, `result` is what many clients use; without them the
 * whole object is the output (https://ai.google.dev/api/caching#FunctionResponse).
 */
function outcomeOf(response: JsonObject): { text: string; isError: boolean } {
  if (response.error !== undefined && response.error !== null) return { text: textOf(response.error), isError: true };
  const keys = Object.keys(response);
  const only = keys.length === 1 && (keys[0] === 'output' || keys[0] === 'result') ? response[keys[0]] : undefined;
  if (only !== undefined) return { text: textOf(only), isError: false };
  return { text: keys.length === 0 ? '' : JSON.stringify(response), isError: false };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function resultMedia(response: JsonObject, path: string): ToolResultPart['content'] {
  const list = optionalArray(response, 'parts', path) ?? [];
  return list.map((_, index) => {
    const part = objectAt(list, index, join(path, 'parts'));
    const where = join(join(path, 'parts'), index);
    const inline = member(part, 'inlineData');
    const linked = member(part, 'fileData');
    const media = isJsonObject(inline)
      ? inlineMedia(inline, where)
      : isJsonObject(linked)
        ? linkedMedia(linked, where)
        : undefined;
    if (media === undefined) throw badField(where, 'must hold inlineData or fileData');
    if (media.type === 'audio') throw unsupported(where, 'audio cannot be carried inside a function response');
    return media;
  });
}
