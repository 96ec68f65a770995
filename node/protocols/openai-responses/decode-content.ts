import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { AudioPart, DocumentPart, ImagePart, Part, TextPart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { splitDataUrl } from '../openai-chat/data-url.ts';
import { badField, join, objectAt, optionalString, requiredObject, requiredString } from '../fields.ts';

/** Parts of a message's `content`: a string or a list. Empty texts are left out, since some upstreams refuse them. */
export function decodeContent(from: JsonObject, path: string): Part[] {
  const where = join(path, 'content');
  const content = from.content;
  if (content === undefined || content === null) return [];
  return decodeContentValue(content, where);
}

/** The same for any value in that form (outputs of tools have it too). */
export function decodeContentValue(value: Json, path: string): Part[] {
  if (typeof value === 'string') return textParts(value);
  if (!Array.isArray(value)) throw badField(path, 'must be a string or an array', value);
  return value.flatMap((_, index) => decodePart(objectAt(value, index, path), join(path, index)));
}

function textParts(text: string): TextPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function decodePart(part: JsonObject, path: string): Part[] {
  const type = requiredString(part, 'type', path);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return textParts(requiredString(part, 'text', path));
    case 'refusal':
      return textParts(requiredString(part, 'refusal', path));
    case 'input_image':
      return [imagePart(part, path)];
    case 'input_file':
      return [filePart(part, path)];
    case 'input_audio':
      return [audioPart(part, path)];
    default:
      throw badField(
        join(path, 'type'),
        'must be one of input_text, output_text, refusal, input_image, input_file, input_audio',
        type,
      );
  }
}

function imagePart(part: JsonObject, path: string): ImagePart {
  refuseFileId(part, path);
  // `image_url` is a string here; some clients send Chat Completions' object.
  const source = isJsonObject(part.image_url) ? part.image_url : part;
  const url = requiredString(source, source === part ? 'image_url' : 'url', path);
  const image: ImagePart = { type: 'image', ...dataOrUrl(url) };
  const detail = optionalString(part, 'detail', path);
  if (detail !== undefined) image.detail = detail;
  return image;
}

function dataOrUrl(url: string): { mediaType?: string; data?: string; url?: string } {
  const split = splitDataUrl(url);
  if (split === undefined) return { url };
  return split.mediaType === undefined ? { data: split.data } : { mediaType: split.mediaType, data: split.data };
}

function filePart(part: JsonObject, path: string): DocumentPart {
  refuseFileId(part, path);
  const name = optionalString(part, 'filename', path);
  const document: DocumentPart = { type: 'document', ...fileSource(part, path) };
  if (document.mediaType === undefined && document.data !== undefined) document.mediaType = mediaTypeOf(name);
  if (name !== undefined) document.name = name;
  return document;
}

function fileSource(part: JsonObject, path: string): { mediaType?: string; data?: string; url?: string } {
  const data = optionalString(part, 'file_data', path);
  if (data === undefined) return { url: requiredString(part, 'file_url', path) };
  // `file_data` is documented as a data URL; bare base64 is common.
  return data.startsWith('data:') ? dataOrUrl(data) : { data };
}

/** OpenAI takes bare base64 for PDF only, where the name does not say otherwise. */
function mediaTypeOf(name: string | undefined): string {
  return name !== undefined && /\.(txt|md|csv|json|log)$/i.test(name) ? 'text/plain' : 'application/pdf';
}

function audioPart(part: JsonObject, path: string): AudioPart {
  const audio = requiredObject(part, 'input_audio', path);
  const where = join(path, 'input_audio');
  return { type: 'audio', format: requiredString(audio, 'format', where), data: requiredString(audio, 'data', where) };
}

/** Files kept at OpenAI belong to one account there; other providers cannot read them. */
function refuseFileId(part: JsonObject, path: string): void {
  if (typeof part.file_id !== 'string') return;
  const field = join(path, 'file_id');
  throw protocolFaults.unsupported_field(`${field}: a file stored at OpenAI cannot be carried here; send its bytes`, {
    field,
  });
}
