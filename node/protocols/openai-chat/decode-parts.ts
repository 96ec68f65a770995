import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { AudioPart, DocumentPart, ImagePart, Part, TextPart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { badField, join, objectAt, optionalString, requiredObject, requiredString } from '../fields.ts';
import { splitDataUrl } from './data-url.ts';

export type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart;

/** Content is a string, a list of parts, null or absent; empty text makes no part. */
export function decodeContent(content: Json | undefined, path: string, dropped: Set<string>): ContentPart[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw badField(path, 'must be a string, a list of parts or null', content);
  const parts: ContentPart[] = [];
  for (let index = 0; index < content.length; index++) {
    const part = decodePart(content, index, path, dropped);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** Content of messages that hold text alone (system, developer). */
export function decodeText(content: Json | undefined, path: string, dropped: Set<string>): TextPart[] {
  const parts = decodeContent(content, path, dropped);
  const index = parts.findIndex((part) => part.type !== 'text');
  if (index >= 0) throw badField(join(path, index), 'must be a text part');
  return parts.filter(isText);
}

export function isText(part: Part): part is TextPart {
  return part.type === 'text';
}

function decodePart(content: Json[], index: number, path: string, dropped: Set<string>): ContentPart | undefined {
  // Some clients put bare strings into the list.
  const bare = content[index];
  if (typeof bare === 'string') return bare === '' ? undefined : { type: 'text', text: bare };
  const from = objectAt(content, index, path);
  const at = join(path, index);
  if (from['prompt_cache_breakpoint'] !== undefined) dropped.add('prompt_cache_breakpoint');
  const part = decodeTyped(from, at);
  if (part === undefined) return undefined;
  // OpenRouter and LiteLLM clients mark Anthropic's cache points in this format too.
  if (isJsonObject(from['cache_control']) && part.type !== 'audio') part.cacheControl = from['cache_control'];
  return part;
}

function decodeTyped(from: JsonObject, path: string): ContentPart | undefined {
  const type = requiredString(from, 'type', path);
  switch (type) {
    case 'text':
      return textPart(requiredString(from, 'text', path));
    case 'refusal':
      return textPart(requiredString(from, 'refusal', path));
    case 'image_url':
      return decodeImage(from, path);
    case 'input_audio':
      return decodeAudio(from, path);
    case 'file':
      return decodeFile(from, path);
    default:
      throw unsupported(join(path, 'type'), `content parts of type ${shownType(type)} cannot be carried`);
  }
}

function textPart(text: string): TextPart | undefined {
  return text === '' ? undefined : { type: 'text', text };
}

/** `image_url` is an object with `url`; some clients send the URL itself. */
function decodeImage(from: JsonObject, path: string): ImagePart {
  const at = join(path, 'image_url');
  const short = from['image_url'];
  const image: JsonObject = typeof short === 'string' ? { url: short } : requiredObject(from, 'image_url', path);
  const url = requiredString(image, 'url', at);
  const detail = optionalString(image, 'detail', at);
  return { type: 'image', ...imageSource(url, join(at, 'url')), ...(detail === undefined ? {} : { detail }) };
}

function imageSource(url: string, path: string): Pick<ImagePart, 'mediaType' | 'data' | 'url'> {
  if (/^https?:/i.test(url)) return { url };
  const split = splitDataUrl(url);
  if (split === undefined) throw badField(path, 'must be an http(s) URL or a data URL');
  return { data: split.data, mediaType: split.mediaType ?? 'image/png' };
}

function decodeAudio(from: JsonObject, path: string): AudioPart {
  const at = join(path, 'input_audio');
  const audio = requiredObject(from, 'input_audio', path);
  const data = requiredString(audio, 'data', at);
  return {
    type: 'audio',
    format: requiredString(audio, 'format', at),
    data: splitDataUrl(data)?.data ?? data,
  };
}

function decodeFile(from: JsonObject, path: string): DocumentPart {
  const at = join(path, 'file');
  const file = requiredObject(from, 'file', path);
  const name = optionalString(file, 'filename', at);
  const named = name === undefined ? {} : { name };
  const fileData = optionalString(file, 'file_data', at);
  if (fileData === undefined) {
    throw unsupported(join(at, 'file_id'), 'uploaded files are not known to this provider; send file_data');
  }
  // OpenRouter clients put an address where OpenAI has data.
  if (/^https?:/i.test(fileData)) return { type: 'document', url: fileData, ...named };
  const split = splitDataUrl(fileData) ?? { mediaType: undefined, data: fileData };
  const mediaType = split.mediaType ?? mediaTypeOf(name);
  if (!mediaType.startsWith('text/')) return { type: 'document', mediaType, data: split.data, ...named };
  return { type: 'document', mediaType, text: Buffer.from(split.data, 'base64').toString('utf8'), ...named };
}

/** The one type that OpenAI takes without a name is PDF. */
function mediaTypeOf(name: string | undefined): string {
  return name !== undefined && /\.(txt|md|csv)$/i.test(name) ? 'text/plain' : 'application/pdf';
}

export function unsupported(path: string, message: string): Error {
  return protocolFaults.unsupported_field(`${path}: ${message}`, { field: path });
}

function shownType(type: string): string {
  return JSON.stringify(type.slice(0, 40));
}
