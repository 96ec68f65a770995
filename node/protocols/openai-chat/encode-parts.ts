import type { JsonObject } from '../../../kit/json.ts';
import type { DocumentPart, ImagePart, Part, TextPart } from '../../conversation/contract.ts';
import { joinDataUrl } from './data-url.ts';
import { unsupported } from './decode-parts.ts';

export type Attachment = ImagePart | DocumentPart;

/**
 * Content for a user message: parts as this format has them. `path` names the message for faults. Thinking and calls
 * do not come here. Half a surrogate pair is replaced: servers refuse what is not Unicode.
 */
export function encodeUserPart(part: Part, path: string): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { type: 'text', text: part.text.toWellFormed() };
    case 'image':
      return encodeImage(part);
    case 'document':
      return encodeDocument(part, path);
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    default:
      return undefined;
  }
}

function encodeImage(part: ImagePart): JsonObject {
  const url = part.url ?? joinDataUrl(part.mediaType ?? 'image/png', part.data ?? '');
  return { type: 'image_url', image_url: part.detail === undefined ? { url } : { url, detail: part.detail } };
}

/** Plain text goes as text, which every upstream reads; addresses are not fetched here (SSRF). */
function encodeDocument(part: DocumentPart, path: string): JsonObject {
  if (part.text !== undefined) return { type: 'text', text: titled(part.name, part.text) };
  if (part.data === undefined) {
    throw unsupported(path, 'documents by URL cannot be carried to this provider; send their content');
  }
  const mediaType = part.mediaType ?? 'application/pdf';
  const filename = part.name ?? 'document.pdf';
  return { type: 'file', file: { filename, file_data: joinDataUrl(mediaType, part.data) } };
}

function titled(name: string | undefined, text: string): string {
  return name === undefined ? text : `${name}\n\n${text}`;
}

/** What a tool message can hold of a result: text. The rest is named here and follows in a user message. */
export function resultText(content: readonly (TextPart | Attachment)[]): string {
  return content.map(resultLine).join('\n').toWellFormed();
}

function resultLine(part: TextPart | Attachment): string {
  if (part.type === 'text') return part.text;
  if (part.type === 'document' && part.text !== undefined) return titled(part.name, part.text);
  return part.type === 'image' ? '[image: see the next message]' : '[document: see the next message]';
}

/** Parts of a result that a tool message cannot hold. */
export function resultAttachments(content: readonly (TextPart | Attachment)[]): Attachment[] {
  return content.filter((part) => part.type === 'image' || part.type === 'document').filter(isAttached);
}

function isAttached(part: Attachment): boolean {
  return part.type === 'image' || part.text === undefined;
}
