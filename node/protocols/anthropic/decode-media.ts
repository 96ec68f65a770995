import type { JsonObject } from '../../../kit/json.ts';
import type { DocumentPart, ImagePart, Part } from '../../conversation/contract.ts';
import { badField, join, objectAt, optionalString, requiredArray, requiredObject, requiredString } from '../fields.ts';
import { protocolFaults } from '../faults.ts';
import { marked } from './cache-mark.ts';

/** An image block. Throws for images that were uploaded to Anthropic's file store: no other upstream has them. */
export function decodeImage(block: JsonObject, path: string): ImagePart {
  const source = requiredObject(block, 'source', path);
  const at = join(path, 'source');
  const type = requiredString(source, 'type', at);
  if (type === 'url') return marked<ImagePart>({ type: 'image', url: requiredString(source, 'url', at) }, block, path);
  if (type !== 'base64') throw unknownSource(type, at, 'base64, url');
  const image: ImagePart = {
    type: 'image',
    mediaType: requiredString(source, 'media_type', at),
    data: requiredString(source, 'data', at),
  };
  return marked(image, block, path);
}

/** A document block: one part, with its `context` as text in front of it. */
export function decodeDocument(block: JsonObject, path: string): Part[] {
  const source = requiredObject(block, 'source', path);
  const document = marked(documentOf(source, join(path, 'source')), block, path);
  const title = optionalString(block, 'title', path);
  if (title !== undefined && title !== '') document.name = title;
  const context = optionalString(block, 'context', path);
  return context === undefined || context === '' ? [document] : [{ type: 'text', text: context }, document];
}

function documentOf(source: JsonObject, path: string): DocumentPart {
  const type = requiredString(source, 'type', path);
  switch (type) {
    case 'base64':
      return {
        type: 'document',
        mediaType: requiredString(source, 'media_type', path),
        data: requiredString(source, 'data', path),
      };
    case 'text':
      return { type: 'document', mediaType: 'text/plain', text: requiredString(source, 'data', path) };
    case 'url':
      return { type: 'document', url: requiredString(source, 'url', path) };
    case 'content':
      return { type: 'document', mediaType: 'text/plain', text: textIn(source, path) };
    default:
      throw unknownSource(type, path, 'base64, text, url, content');
  }
}

/** A search result is a text with a title and a source. */
export function decodeSearchResult(block: JsonObject, path: string): DocumentPart {
  const source = requiredString(block, 'source', path);
  const text = `${source}\n${textIn(block, path)}`;
  const document: DocumentPart = { type: 'document', mediaType: 'text/plain', text };
  const title = optionalString(block, 'title', path);
  if (title !== undefined && title !== '') document.name = title;
  return marked(document, block, path);
}

/** `content` as one text: a string, or text blocks. */
function textIn(from: JsonObject, path: string): string {
  if (typeof from['content'] === 'string') return from['content'];
  const blocks = requiredArray(from, 'content', path);
  const at = join(path, 'content');
  return blocks
    .map((_, index) => {
      const block = objectAt(blocks, index, at);
      if (block['type'] === 'text') return requiredString(block, 'text', join(at, index));
      throw protocolFaults.unsupported_field(`${join(at, index)}.type: only text can be carried to this model`, {
        field: `${join(at, index)}.type`,
      });
    })
    .join('\n');
}

function unknownSource(type: string, path: string, allowed: string): Error {
  const field = `${path}.type`;
  if (type !== 'file') return badField(field, `must be one of ${allowed}`, type);
  return protocolFaults.unsupported_field(`${field}: uploaded files can only be used with an Anthropic upstream`, {
    field,
  });
}
