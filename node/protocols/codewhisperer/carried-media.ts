import type { JsonObject } from '../../../kit/json.ts';
import type { DocumentPart, ImagePart, TextPart } from '../../conversation/contract.ts';
import { documentBlock, imageBlock } from '../anthropic/encode-media.ts';
import { protocolFaults } from '../faults.ts';

/** Largest image, bytes: what Amazon Q's own client sends at most. */
const imageSizeBytesMax = 10 * 1024 * 1024;

/** An image of the format: `{format, source: {bytes}}`. The type goes by the bytes. Throws `unsupported_field`. */
export function encodeImage(image: ImagePart): JsonObject {
  const source = imageBlock(image)['source'] as JsonObject;
  if (source['type'] !== 'base64') {
    throw unsupported('an image by its address cannot be carried to this model; send its bytes as base64');
  }
  const bytes = String(source['data']).replaceAll(/\s+/g, '');
  if ((bytes.length * 3) / 4 > imageSizeBytesMax) {
    throw unsupported(`an image has more than ${imageSizeBytesMax} bytes, the most that this model takes`);
  }
  return { format: String(source['media_type']).slice('image/'.length), source: { bytes } };
}

/** A document as text, since the format carries no other. Throws `unsupported_field` for one that is no text. */
export function documentText(document: DocumentPart): TextPart {
  const source = documentBlock(document)['source'] as JsonObject;
  if (source['type'] !== 'text') {
    throw unsupported('of documents only text can be carried to this model, neither PDF nor an address');
  }
  const name = document.name === undefined ? '' : ` name=${JSON.stringify(document.name)}`;
  return { type: 'text', text: `<document${name}>\n${String(source['data'])}\n</document>` };
}

/** The 400 for a part of a message that has no place in the format. */
export function unsupported(what: string): Error {
  return protocolFaults.unsupported_field(`messages: ${what}`, { field: 'messages' });
}
