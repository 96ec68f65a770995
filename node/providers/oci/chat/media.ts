import type { DocumentPart, ImagePart } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import { joinDataUrl } from '../../../protocols/openai-chat/data-url.ts';
import type { JsonObject } from './contract.ts';

const details: ReadonlySet<string> = new Set(['AUTO', 'HIGH', 'LOW']);

/** `imageUrl` of a part: an address or a data URL. */
export function imageUrl(part: ImagePart): JsonObject {
  const url = part.url ?? joinDataUrl(part.mediaType ?? 'image/png', part.data ?? '');
  const detail = part.detail?.toUpperCase();
  return detail !== undefined && details.has(detail) ? { url, detail } : { url };
}

/** A document as text; throws a Fault (400) for any other kind. */
export function documentText(part: DocumentPart): string {
  const text = part.text ?? decodedText(part);
  if (text === undefined) throw uncarried('documents other than text cannot be carried to this provider');
  return part.name === undefined ? text : `${part.name}\n\n${text}`;
}

function decodedText({ mediaType, data }: DocumentPart): string | undefined {
  if (data === undefined || !/^(text\/|application\/(json|xml)\b)/i.test(mediaType ?? '')) return undefined;
  return Buffer.from(data, 'base64').toString('utf8');
}

/** Fault for content that must not be dropped. */
export function uncarried(message: string): Error {
  return protocolFaults.unsupported_field(`messages: ${message}`, { field: 'messages' });
}
