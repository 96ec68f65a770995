import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { checkBlocks } from './anthropic-check-blocks.ts';
import { refuse } from './anthropic-refuse.ts';

export interface CheckedMessage {
  role: 'user' | 'assistant' | 'system';
  content: JsonObject[];
  /** Index of the (first) message in the client's list. */
  index: number;
}

/** Checks roles, content, and that calls and results stand next to each other. */
export function checkMessages(body: JsonObject): void {
  const { messages } = body;
  if (messages === undefined) refuse('messages: Field required');
  if (!Array.isArray(messages)) refuse('messages: Input should be a valid list');
  if (messages.length === 0) refuse('messages: at least one message is required');
  for (const [index, message] of messages.entries()) checkMessage(message, index, index === messages.length - 1);
  const turns = mergeTurns(messages);
  if (turns[0]?.role !== 'user') refuse('messages: first message must use the "user" role');
  for (const [at, turn] of turns.entries()) checkTurn(turn, turns[at - 1], turns[at + 1]);
  checkThinkingFirst(body, turns);
}

function checkMessage(message: Json, index: number, isLast: boolean): void {
  const path = `messages.${index}`;
  if (!isJsonObject(message)) refuse(`${path}: Input should be an object`);
  for (const member of Object.keys(message)) {
    if (member !== 'role' && member !== 'content') refuse(`${path}.${member}: Extra inputs are not permitted`);
  }
  const role = roleOf(message);
  if (role === undefined) refuse(`${path}.role: Input should be 'user' or 'assistant'`);
  const { content } = message;
  if (content === undefined) refuse(`${path}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content)) refuse(`${path}.content: Input should be a valid list`);
  if (content.length === 0 && !(isLast && message.role === 'assistant')) {
    refuse(`${path}: all messages must have non-empty content except for the optional final assistant message`);
  }
  if (Array.isArray(content)) checkBlocks(content, `${path}.content`, role);
  if (isLast && message.role === 'assistant') checkPrefill(content);
}

function checkPrefill(content: string | Json[]): void {
  const last = typeof content === 'string' ? content : content.at(-1);
  const text = typeof last === 'string' ? last : isJsonObject(last) && typeof last.text === 'string' ? last.text : '';
  if (text !== '' && text.trimEnd() !== text)
    refuse('messages: final assistant content cannot end with trailing whitespace');
}

/** Since 2026 the API takes `system` in the middle of a conversation too (SDK 1.11: SystemMessageParam). */
function roleOf(message: JsonObject): CheckedMessage['role'] | undefined {
  const { role } = message;
  return role === 'user' || role === 'assistant' || role === 'system' ? role : undefined;
}

/** Neighbours of the same role count as one message. */
export function mergeTurns(messages: Json[]): CheckedMessage[] {
  const turns: CheckedMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) continue;
    const { content } = message;
    const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [{ type: 'text', text: content }];
    const last = turns.at(-1);
    if (last?.role === message.role) last?.content.push(...blocks);
    else turns.push({ role: roleOf(message) ?? 'user', content: [...blocks], index });
  }
  return turns;
}

const idsOf = (turn: CheckedMessage | undefined, type: string, member: string): string[] =>
  (turn?.content ?? []).filter((block) => block.type === type).map((block) => String(block[member]));

function checkTurn(turn: CheckedMessage, before: CheckedMessage | undefined, after: CheckedMessage | undefined): void {
  const calls = idsOf(turn, 'tool_use', 'id');
  if (new Set(calls).size !== calls.length) refuse(`messages.${turn.index}: \`tool_use\` ids must be unique`);
  const answered = idsOf(after, 'tool_result', 'tool_use_id');
  const missing = calls.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    refuse(
      `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
  const asked = idsOf(before, 'tool_use', 'id');
  const results = idsOf(turn, 'tool_result', 'tool_use_id');
  for (const [at, id] of results.entries()) {
    if (!asked.includes(id)) {
      refuse(
        `messages.${turn.index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (results.indexOf(id) !== at) {
      refuse(
        `messages.${turn.index}.content.${at}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
  }
  const firstOther = turn.content.findIndex((block) => block.type !== 'tool_result');
  const lastResult = turn.content.findLastIndex((block) => block.type === 'tool_result');
  if (lastResult !== -1 && firstOther !== -1 && firstOther < lastResult) {
    // The API words it as if the results were missing (docs: tool use, "tool result blocks must come first").
    refuse(
      `messages.${turn.index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${results.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
}

/** With thinking on, an assistant turn that is still in its tool loop must begin with its thinking. */
function checkThinkingFirst(body: JsonObject, turns: CheckedMessage[]): void {
  if (!isJsonObject(body.thinking) || body.thinking.type !== 'enabled') return;
  const lastAssistant = turns.findLast((turn) => turn.role === 'assistant');
  const isInLoop = idsOf(turns.at(-1), 'tool_result', 'tool_use_id').length > 0;
  const first = lastAssistant?.content[0]?.type;
  if (lastAssistant === undefined || !isInLoop || first === 'thinking' || first === 'redacted_thinking') return;
  refuse(
    `messages.${lastAssistant.index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`.`,
  );
}
