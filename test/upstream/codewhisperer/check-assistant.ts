import { isJsonObject, type Json } from '../../../kit/json.ts';
import { isGenuineSeal, isGenuineSignature } from '../signature.ts';
import { checkNames } from './check-texts.ts';
import { checkToolName } from './check-tools.ts';
import { type Checks, listAt, noNulls, objectAt, onlyKnown, textAt } from './fields.ts';
import type { Service } from './service.ts';

export interface ToolUse {
  id: string;
  name: string;
}

export interface AssistantMessage {
  role: 'assistant';
  content: string;
  uses: ToolUse[];
}

export function checkAssistant(
  value: Json | undefined,
  path: string,
  service: Service,
  checks: Checks,
): AssistantMessage {
  const message = objectAt(value, path, checks);
  onlyKnown(message, ['content', 'messageId', 'toolUses', 'reasoningContent'], path, checks);
  noNulls(message, path, checks);
  const uses = listAt(message['toolUses'], `${path}.toolUses`, checks).map((use, index) =>
    checkUse(use, `${path}.toolUses[${index}]`, checks),
  );
  checkReasoning(message['reasoningContent'], `${path}.reasoningContent`, checks);
  const content = textAt(message['content'], `${path}.content`, checks);
  if (content === '' && !(service.takesEmptyContent && uses.length > 0)) checks.improper(`${path}.content: is empty`);
  return { role: 'assistant', content, uses };
}

function checkUse(value: Json, path: string, checks: Checks): ToolUse {
  const use = objectAt(value, path, checks);
  onlyKnown(use, ['toolUseId', 'name', 'input'], path, checks);
  const id = textAt(use['toolUseId'], `${path}.toolUseId`, checks);
  if (id === '') checks.improper(`${path}.toolUseId: is empty`);
  const name = checkToolName(use['name'], `${path}.name`, checks);
  checkNames(objectAt(use['input'], `${path}.input`, checks), `${path}.input`, checks);
  return { id, name };
}

/** Thinking that is given back must be this service's own. */
function checkReasoning(value: Json | undefined, path: string, checks: Checks): void {
  if (value === undefined) return;
  const content = objectAt(value, path, checks);
  onlyKnown(content, ['reasoningText', 'redactedContent'], path, checks);
  if (Object.keys(content).length !== 1) checks.improper(`${path}: is not one of reasoningText and redactedContent`);
  const { reasoningText: thought, redactedContent: sealed } = content;
  if (sealed !== undefined) {
    if (typeof sealed !== 'string' || !isGenuineSeal(Buffer.from(sealed, 'base64').toString()))
      checks.improper(`${path}.redactedContent: is not this service's own`);
    return;
  }
  if (!isJsonObject(thought)) return checks.improper(`${path}.reasoningText: is no object`);
  onlyKnown(thought, ['text', 'signature'], `${path}.reasoningText`, checks);
  const text = textAt(thought['text'], `${path}.reasoningText.text`, checks);
  const signature = textAt(thought['signature'], `${path}.reasoningText.signature`, checks);
  if (!isGenuineSignature(text, signature)) checks.improper(`${path}.reasoningText: is not this service's own`);
}
