import type { JsonObject } from '../../../kit/json.ts';

/** Own values in the shape of the wire facts' examples: the second turn of a conversation with a tool. */

const model = 'claude-sonnet-4.5';
const envState = { operatingSystem: 'linux', currentWorkingDirectory: '/' };
export const callId = 'tooluse_Kd81xZq';

export const tool = (name = 'read_timetable', change: JsonObject = {}): JsonObject => ({
  toolSpecification: {
    name,
    description: 'Reads the timetable of a station.',
    inputSchema: { json: { type: 'object', properties: { station: { type: 'string' } }, required: ['station'] } },
    ...change,
  },
});
export const use = (id = callId, name = 'read_timetable', input: JsonObject = { station: 'Jesenice' }): JsonObject => ({
  toolUseId: id,
  name,
  input,
});
export const result = (id = callId, text = 'First train: 05:12', status = 'success'): JsonObject => ({
  toolUseId: id,
  status,
  content: [{ text }],
});
export const png: JsonObject = { format: 'png', source: { bytes: 'iVBORw0KGgoAAAANSUhEUg==' } };

export interface Turns {
  origin: string;
  history: JsonObject[];
  content: string;
  results: JsonObject[];
  tools: JsonObject[];
  /** Members of the current message, the state and the body. */
  message: JsonObject;
  state: JsonObject;
  body: JsonObject;
  context: JsonObject;
}

export const userTurn = (content: string, more: JsonObject = {}): JsonObject => ({
  userInputMessage: { content, ...more },
});
export const assistantTurn = (content: string, toolUses: JsonObject[] = [], more: JsonObject = {}): JsonObject => ({
  assistantResponseMessage: { content, ...(toolUses.length === 0 ? {} : { toolUses }), ...more },
});

export function bodyOf(turns: Turns): JsonObject {
  const { origin, history, content, results, tools } = turns;
  const userInputMessageContext = {
    ...(origin === 'CLI' ? { envState } : {}),
    ...(results.length === 0 ? {} : { toolResults: results }),
    ...(tools.length === 0 ? {} : { tools }),
    ...turns.context,
  };
  return {
    conversationState: {
      conversationId: '3c0e8f7a-91d2-4b57-8c6d-2f1e0a9b7d44',
      chatTriggerType: 'MANUAL',
      history,
      currentMessage: {
        userInputMessage: { content, origin, modelId: model, userInputMessageContext, ...turns.message },
      },
      ...turns.state,
    },
    ...turns.body,
  };
}

export const common = { results: [result()], tools: [tool()], message: {}, state: {}, body: {}, context: {} };

export const amazonqTurns: Turns = {
  ...common,
  origin: 'CLI',
  history: [
    userTurn(
      '--- SYSTEM PROMPT BEGIN ---\nAnswer in one line.\n--- SYSTEM PROMPT END ---\n\n--- USER MESSAGE BEGIN ---\nWhen is the first train?\n--- USER MESSAGE END ---',
      { origin: 'CLI', modelId: model, userInputMessageContext: { envState } },
    ),
    assistantTurn("I'll look at the timetable.", [use()]),
  ],
  content: '',
};

export const kiroTurns: Turns = {
  ...common,
  origin: 'AI_EDITOR',
  history: [
    userTurn('Answer in one line.', { modelId: model, origin: 'AI_EDITOR' }),
    assistantTurn('Understood.'),
    userTurn('When does the first train leave this station?', { modelId: model, origin: 'AI_EDITOR', images: [png] }),
    assistantTurn("Jesenice. I'll look at the timetable.", [use()]),
  ],
  content: 'Tool results follow.',
  state: { agentContinuationId: 'b2d3c7de-05b0-46b4-9a55-0f53c26f81b7', agentTaskType: 'vibe' },
};
