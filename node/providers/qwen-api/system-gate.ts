import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';

/** Said where a request has no system text: the portal refuses one without. */
const minimalSystem = 'You are a helpful assistant.';

/**
 * The messages as the portal of the OAuth login takes them: one system message, at the head, whose content is a list of
 * text parts that ends in a cache mark. Anything else was answered with a bare 400 (April 2026;
 * router-for-me/CLIProxyAPI#2515, #2537).
 */
export function gateSystem(messages: readonly Json[]): Json[] {
  const texts: string[] = [];
  const rest: Json[] = [];
  for (const message of messages) {
    if (isJsonObject(message) && message['role'] === 'system') pushAll(texts, textsOf(message['content']));
    else rest.push(message);
  }
  const parts: JsonObject[] = (texts.length === 0 ? [minimalSystem] : texts).map((text) => ({ type: 'text', text }));
  const last = parts.at(-1);
  if (last !== undefined) last['cache_control'] = { type: 'ephemeral' };
  return [{ role: 'system', content: parts }, ...rest];
}

function textsOf(content: Json | undefined): string[] {
  if (typeof content === 'string') return content === '' ? [] : [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => {
    const text = isJsonObject(part) ? part['text'] : undefined;
    return typeof text === 'string' && text !== '' ? [text] : [];
  });
}
