import { withLength } from './length-prefixed.ts';

/**
 * A message of the asks lane, after its length:
 *
 *     u32 number of the question | u8 kind | u32 milliseconds the asker waits (questions only) | bytes
 */
export type AskMessage =
  | { readonly kind: 'question'; readonly id: number; readonly timeoutMs: number; readonly bytes: Uint8Array }
  | { readonly kind: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'refusal'; readonly id: number };

const kinds = ['question', 'answer', 'refusal'] as const;
const questionHeadBytes = 9;
const answerHeadBytes = 5;

/** What is around the bytes of a question or an answer, without the length. */
export const askHeadBytesMax = questionHeadBytes;

export function encodeQuestion(id: number, timeoutMs: number, bytes: Uint8Array): Uint8Array {
  const head = headOf(questionHeadBytes, id, 0);
  head.setUint32(answerHeadBytes, Math.min(Math.ceil(timeoutMs), 0xff_ff_ff_ff));
  return withLength(bytes, new Uint8Array(head.buffer));
}

export function encodeAnswer(id: number, bytes: Uint8Array): Uint8Array {
  return withLength(bytes, new Uint8Array(headOf(answerHeadBytes, id, 1).buffer));
}

export function encodeRefusal(id: number): Uint8Array {
  return withLength(new Uint8Array(), new Uint8Array(headOf(answerHeadBytes, id, 2).buffer));
}

/** Undefined for what is none of these. */
export function decodeAskMessage(message: Uint8Array): AskMessage | undefined {
  if (message.length < answerHeadBytes) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const id = view.getUint32(0);
  switch (kinds[view.getUint8(4)]) {
    case 'question':
      if (message.length < questionHeadBytes) return undefined;
      return {
        kind: 'question',
        id,
        timeoutMs: view.getUint32(answerHeadBytes),
        bytes: message.subarray(questionHeadBytes),
      };
    case 'answer':
      return { kind: 'answer', id, bytes: message.subarray(answerHeadBytes) };
    case 'refusal':
      return { kind: 'refusal', id };
    default:
      return undefined;
  }
}

function headOf(length: number, id: number, kind: number): DataView<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(length));
  head.setUint32(0, id);
  head.setUint8(4, kind);
  return head;
}
