import { requestId } from '../../../../kit/random.ts';
import type { Conversation } from '../../../conversation/contract.ts';
import { marksCache } from '../../../protocols/openai-chat/encode-request.ts';
import { portableName } from '../../../protocols/portable-name.ts';
import { apiFormatOf } from './api-format.ts';
import { CohereReader } from './cohere-reader.ts';
import { encodeCohere } from './cohere-request.ts';
import { encodeCohereV2 } from './cohere-v2-request.ts';
import type {
  ContentReader,
  EncodedChatRequest,
  EncodedOciChat,
  JsonObject,
  OciApiFormat,
  OciChatTarget,
  ReadingContext,
} from './contract.ts';
import { decodeAnswer } from './decode-answer.ts';
import { DerivedCallIds } from './derived-call-ids.ts';
import { encodeGeneric } from './generic-request.ts';
import { MessageReader } from './message-reader.ts';
import { PrintedCalls } from './printed-calls.ts';
import { OciStreamDecoder } from './stream-decoder.ts';

/**
 * The body of `POST /20231130/actions/chat` in the format that the model takes, and the reader of its answer, whole or
 * streamed. Throws a Fault (400, with the field) for what cannot be carried and must not be dropped.
 */
export function encodeOciChat(conversation: Conversation, target: OciChatTarget): EncodedOciChat {
  const dropped = new Set<string>();
  const format = apiFormatOf(conversation, target);
  const encoded = encoders[format](conversation, target, dropped);
  if (conversation.promptCacheKey !== undefined) dropped.add('prompt_cache_key');
  if (marksCache(conversation)) dropped.add('cache_control');
  const body: JsonObject = {
    compartmentId: target.compartmentId,
    servingMode: target.servingMode,
    chatRequest: encoded.chatRequest,
  };
  const id = requestId(target.random, inventedIdLength);
  const context: ReadingContext = {
    id,
    model: conversation.model,
    stop: conversation.stop,
    openContent: () => openContent(format, conversation, encoded, id),
  };
  return {
    body,
    dropped: [...dropped],
    reader: {
      decodeAnswer: (answer) => decodeAnswer(answer, context),
      openDecoder: () => new OciStreamDecoder(context),
    },
  };
}

const encoders: Record<
  OciApiFormat,
  (conversation: Conversation, target: OciChatTarget, dropped: Set<string>) => EncodedChatRequest
> = { GENERIC: encodeGeneric, COHERE: encodeCohere, COHEREV2: encodeCohereV2 };

function openContent(
  format: OciApiFormat,
  { messages, tools }: Conversation,
  { toolNames, printsCalls }: EncodedChatRequest,
  id: string,
): ContentReader {
  if (format === 'COHERE') return new CohereReader(toolNames, new DerivedCallIds(messages));
  let count = 0;
  // Told by the call and the order, so that an answer that is read again has the same ones.
  const inventId = () => `call_${id}${(count++).toString(36).padStart(countLength, '0')}`;
  const reader = new MessageReader(toolNames, inventId);
  if (printsCalls !== true) return reader;
  return new PrintedCalls(reader, { inventId, tools: new Map(tools.map(({ name }) => [portableName(name), name])) });
}

/** Together as long as OpenAI's own: `call_` and 24 characters, within every backend's limit. */
const inventedIdLength = 20;
const countLength = 4;
