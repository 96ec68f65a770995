import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { countTokens } from '../prompt.ts';
import { checkAssistant } from './check-assistant.ts';
import { checkHistory, type Entry } from './check-history.ts';
import { checkTexts } from './check-texts.ts';
import { checkUser, type UserMessage } from './check-user.ts';
import { type Checks, listAt, objectAt, onlyKnown } from './fields.ts';
import { type Service, windowTokens } from './service.ts';
import { asksForThinking } from './thinking-tags.ts';

const stateMembers = [
  'conversationId',
  'workspaceId',
  'customizationArn',
  'chatTriggerType',
  'agentContinuationId',
  'agentTaskType',
  'currentMessage',
  'history',
];
const runtimeMembers = ['agentMode', 'additionalModelRequestFields', 'systemPrompt'];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A body that every rule holds for. */
export interface ChatBody {
  conversationId: string | undefined;
  history: Entry[];
  current: UserMessage;
  /** Native thinking was asked for. */
  wantsReasoning: boolean;
  inputTokens: number;
}

/** `profileArn` and the bearer token are the transport's matter; everything else of the body is checked here. */
export function checkBody(
  value: unknown,
  service: Service,
  knowsModel: (model: string) => boolean,
  checks: Checks,
): ChatBody {
  const body = objectAt(value as Json, 'body', checks);
  onlyKnown(body, ['conversationState', 'profileArn', ...(service.isRuntime ? runtimeMembers : [])], 'body', checks);
  checkTexts(body, 'body', checks);
  const state = checkState(body, service, checks);
  const history = listAt(state['history'], 'history', checks).map((entry, index) =>
    checkEntry(entry, `history[${index}]`, service, knowsModel, checks),
  );
  const current = checkCurrent(state['currentMessage'], service, knowsModel, checks);
  checkHistory(history, current, checks);
  checkThinking(current, service, checks);
  const inputTokens = countTokens(JSON.stringify(state));
  if (inputTokens > windowTokens) checks.refuse('too-long', `${inputTokens} tokens`);
  return { ...idOf(state), history, current, wantsReasoning: wantsReasoning(body), inputTokens };
}

const idOf = (state: JsonObject): { conversationId: string | undefined } => ({
  conversationId: state['conversationId'] as string | undefined,
});

function checkState(body: JsonObject, service: Service, checks: Checks): JsonObject {
  const state = objectAt(body['conversationState'], 'conversationState', checks);
  const known = service.isRuntime ? [...stateMembers, 'rootConversationId'] : stateMembers;
  onlyKnown(state, known, 'conversationState', checks);
  if (state['chatTriggerType'] !== 'MANUAL') checks.improper('chatTriggerType: is not MANUAL');
  const task = state['agentTaskType'];
  if (task !== undefined && task !== 'vibe' && task !== 'spectask') checks.improper('agentTaskType: is not known');
  const id = state['conversationId'];
  if (id !== undefined && (typeof id !== 'string' || !uuid.test(id)))
    checks.refuse(
      {
        status: 400,
        type: 'ValidationException',
        message: 'Invalid conversation ID',
        reason: 'INVALID_CONVERSATION_ID',
      },
      'conversationId: is no UUID',
    );
  return state;
}

type KnowsModel = (model: string) => boolean;

function checkEntry(value: Json, path: string, service: Service, knowsModel: KnowsModel, checks: Checks): Entry {
  const entry = objectAt(value, path, checks);
  onlyKnown(entry, ['userInputMessage', 'assistantResponseMessage'], path, checks);
  if (Object.keys(entry).length !== 1) checks.improper(`${path}: is not one message`);
  const { userInputMessage: user, assistantResponseMessage: assistant } = entry;
  if (user === undefined) return checkAssistant(assistant, `${path}.assistantResponseMessage`, service, checks);
  return checkUser(user, `${path}.userInputMessage`, { service, isCurrent: false, knowsModel }, checks);
}

function checkCurrent(value: Json | undefined, service: Service, knowsModel: KnowsModel, checks: Checks): UserMessage {
  const current = objectAt(value, 'currentMessage', checks);
  onlyKnown(current, ['userInputMessage'], 'currentMessage', checks);
  const place = { service, isCurrent: true, knowsModel };
  return checkUser(current['userInputMessage'], 'currentMessage.userInputMessage', place, checks);
}

/** Kiro refuses thinking tags beside tool results. */
function checkThinking(current: UserMessage, service: Service, checks: Checks): void {
  if (service.name === 'kiro' && current.results.length > 0 && asksForThinking(current.content))
    checks.improper('currentMessage: asks for thinking beside tool results');
}

function wantsReasoning(body: JsonObject): boolean {
  const fields = body['additionalModelRequestFields'];
  return isJsonObject(fields) && (isJsonObject(fields['thinking']) || isJsonObject(fields['reasoning']));
}
