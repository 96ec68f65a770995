import type { AssistantMessage } from './check-assistant.ts';
import type { UserMessage } from './check-user.ts';
import type { Checks } from './fields.ts';

export type Entry = UserMessage | AssistantMessage;

const entriesMax = 10_000;

/** The rules between entries: turns, pairs of calls and results, declared tools. */
export function checkHistory(history: readonly Entry[], current: UserMessage, checks: Checks): void {
  if (history.length > entriesMax) checks.improper(`history: holds more than ${entriesMax} entries`);
  checkTurns(history, checks);
  checkCallIds(history, checks);
  checkPairs([...history, current], checks);
  checkDeclared(history, current, checks);
}

function checkTurns(history: readonly Entry[], checks: Checks): void {
  if (history.length === 0) return;
  if (history[0]?.role !== 'user') checks.improper('history[0]: is no user message');
  history.forEach((entry, index) => {
    if (index > 0 && history[index - 1]?.role === entry.role)
      checks.improper(`history[${index}]: follows a message of the same role`);
  });
  if (history.at(-1)?.role !== 'assistant') checks.improper('history: does not end with an assistant message');
}

function checkCallIds(history: readonly Entry[], checks: Checks): void {
  const seen = new Set<string>();
  for (const { id } of history.flatMap((entry) => (entry.role === 'assistant' ? entry.uses : []))) {
    if (seen.has(id)) checks.improper(`toolUses: the id ${id} stands there twice`);
    seen.add(id);
  }
}

/** Each call has one result in the next message, in the order of the calls; no result is without its call. */
function checkPairs(entries: readonly Entry[], checks: Checks): void {
  entries.forEach((entry, index) => {
    if (entry.role !== 'user') return;
    const before = entries[index - 1];
    const calls = before?.role === 'assistant' ? before.uses.map(({ id }) => id) : [];
    const results = entry.results.map(({ id }) => id);
    const twice = results.find((id, place) => results.indexOf(id) !== place);
    if (twice !== undefined) checks.improper(`entry ${index}: two results for ${twice}`);
    const orphan = results.find((id) => !calls.includes(id));
    if (orphan !== undefined) checks.improper(`entry ${index}: a result without its call, ${orphan}`);
    const open = calls.find((id) => !results.includes(id));
    if (open !== undefined) checks.improper(`entry ${index}: a call without its result, ${open}`);
    if (calls.join('\n') !== results.join('\n')) checks.improper(`entry ${index}: results in another order than calls`);
  });
}

/** Names are compared without case. */
function checkDeclared(history: readonly Entry[], current: UserMessage, checks: Checks): void {
  const declared = new Set(current.tools.map(({ name }) => name.toLowerCase()));
  const uses = history.flatMap((entry) => (entry.role === 'assistant' ? entry.uses : []));
  const missing = uses.find(({ name }) => !declared.has(name.toLowerCase()));
  if (missing !== undefined) checks.improper(`toolUses: ${missing.name} is not declared in the current message`);
}
