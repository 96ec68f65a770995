import { normaliseArguments } from '../../../protocols/openai-chat/tool-arguments.ts';
import { portableName } from '../../../protocols/portable-name.ts';
import { imageUrl, uncarried } from './media.ts';
import type { MessageShape } from './messages.ts';

/** Messages of Cohere's second format: calls nested as OpenAI does it, images and thoughts under names of its own. */
export function cohereV2Shape(takesThinking: boolean): MessageShape {
  return {
    image: (part) => ({ type: 'IMAGE_URL', imageUrl: imageUrl(part) }),
    audio: () => {
      throw uncarried('audio cannot be carried to this model');
    },
    thought: ({ text }) => (takesThinking ? { type: 'THINKING', thinking: text.toWellFormed() } : undefined),
    call: ({ name, argumentsJson }, id) => ({
      id,
      type: 'FUNCTION',
      function: { name: portableName(name), arguments: normaliseArguments(argumentsJson) },
    }),
    // Oracle's SDK has the list as a mandatory field of every message.
    callsOnly: [],
    emptyResult: '',
    takesParallelCalls: true,
  };
}
