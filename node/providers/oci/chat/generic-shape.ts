import { joinDataUrl } from '../../../protocols/openai-chat/data-url.ts';
import { normaliseArguments } from '../../../protocols/openai-chat/tool-arguments.ts';
import { portableName } from '../../../protocols/portable-name.ts';
import { imageUrl } from './media.ts';
import type { MessageShape } from './messages.ts';
import type { Backend } from './model-backend.ts';

/** Gemini's front answers 500 to empty content, and takes one result behind each call. */
const oneCharacter = '.';

/** Messages of the format that all models but Cohere's take. */
export function genericShape(backend: Backend): MessageShape {
  const isGemini = backend === 'gemini';
  return {
    image: (part) => ({ type: 'IMAGE', imageUrl: imageUrl(part) }),
    audio: ({ format, data }) => ({ type: 'AUDIO', audioUrl: { url: joinDataUrl(`audio/${format}`, data) } }),
    thought: () => undefined,
    call: ({ name, argumentsJson }, id) => ({
      id,
      type: 'FUNCTION',
      name: portableName(name),
      arguments: normaliseArguments(argumentsJson),
    }),
    callsOnly: isGemini ? [{ type: 'TEXT', text: oneCharacter }] : null,
    emptyResult: isGemini ? oneCharacter : '',
    takesParallelCalls: !isGemini,
  };
}
