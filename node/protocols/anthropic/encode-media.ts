import type { JsonObject } from '../../../kit/json.ts';
import type { DocumentPart, ImagePart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';

/** Image types that Anthropic takes, by the first characters of their base64 form; the type must match the bytes. */
const imageTypes: readonly (readonly [prefix: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];
const takenImageTypes = new Set(imageTypes.map(([, mediaType]) => mediaType));

/** An image block. Throws `unsupported_field` for other kinds of images. */
export function imageBlock(image: ImagePart): JsonObject {
  const inline = image.data === undefined ? dataUrlParts(image.url) : image;
  if (inline?.data === undefined) return { type: 'image', source: { type: 'url', url: image.url ?? '' } };
  const data = inline.data;
  const declared = inline.mediaType === 'image/jpg' ? 'image/jpeg' : inline.mediaType;
  const mediaType = imageTypes.find(([prefix]) => data.startsWith(prefix))?.[1] ?? declared ?? '';
  if (!takenImageTypes.has(mediaType)) {
    throw protocolFaults.unsupported_field(
      `image: ${mediaType || 'an unknown type'} cannot be carried; jpeg, png, gif and webp can`,
      { field: 'messages' },
    );
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
}

/** A document block: PDF, text, or an address. Throws `unsupported_field` for other kinds. */
export function documentBlock(document: DocumentPart): JsonObject {
  const block: JsonObject = { type: 'document', source: documentSource(document) };
  if (document.name !== undefined) block['title'] = document.name;
  return block;
}

function documentSource(document: DocumentPart): JsonObject {
  if (document.text !== undefined) return textSource(document.text);
  const inline = document.data === undefined ? dataUrlParts(document.url) : document;
  if (inline?.data === undefined) return { type: 'url', url: document.url ?? '' };
  const mediaType = inline.mediaType ?? 'application/pdf';
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data: inline.data };
  if (isText(mediaType)) return textSource(Buffer.from(inline.data, 'base64').toString());
  throw protocolFaults.unsupported_field(`document: ${mediaType} cannot be carried; PDF and text can`, {
    field: 'messages',
  });
}

function textSource(data: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data };
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || /^application\/(?:json|xml|yaml|x-yaml|javascript)\b/.test(mediaType);
}

/** Clients write inline images as `data:` addresses; Anthropic wants them apart. */
function dataUrlParts(url: string | undefined): { mediaType: string; data: string } | undefined {
  const match = url?.startsWith('data:') ? /^data:([^;,]*)(?:;[^;,]*)*;base64,/.exec(url.slice(0, 200)) : null;
  if (!url || !match) return undefined;
  return { mediaType: match[1]!, data: url.slice(match[0].length) };
}
