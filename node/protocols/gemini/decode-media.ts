import type { JsonObject } from '../../../kit/json.ts';
import type { AudioPart, DocumentPart, ImagePart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { join, optionalString, requiredString } from '../fields.ts';
import { keyOf } from './names.ts';

type Media = ImagePart | DocumentPart | AudioPart;

/** Subtypes whose usual format name is another. */
const audioFormats: ReadonlyMap<string, string> = new Map([
  ['mpeg', 'mp3'],
  ['x-wav', 'wav'],
  ['wave', 'wav'],
  ['x-m4a', 'm4a'],
  ['mp4', 'm4a'],
]);

/** `inlineData`: base64 bytes with their media type. */
export function inlineMedia(blob: JsonObject, path: string): Media {
  const mediaType = normalised(requiredString(blob, keyOf(blob, 'mimeType'), path));
  const data = requiredString(blob, 'data', path);
  const [kind, subtype = ''] = mediaType.split(';', 1)[0]!.trim().split('/');
  if (kind === 'image') return { type: 'image', mediaType, data };
  if (kind === 'audio') return { type: 'audio', format: audioFormats.get(subtype) ?? subtype, data };
  if (kind === 'video') throw unsupported(path, 'video cannot be carried');
  const document: DocumentPart = { type: 'document', mediaType, data };
  const name = optionalString(blob, keyOf(blob, 'displayName'), path);
  if (name !== undefined) document.name = name;
  return document;
}

/** `fileData`: a URL. Files kept at Google belong to one account there, so other providers cannot read them. */
export function linkedMedia(file: JsonObject, path: string): Media {
  const key = keyOf(file, 'fileUri');
  const url = requiredString(file, key, path);
  if (!/^https?:\/\//i.test(url) || /^https?:\/\/generativelanguage\.googleapis\.com\//i.test(url)) {
    throw unsupported(join(path, key), 'a file stored at Google cannot be carried here; send its bytes as inlineData');
  }
  const given = optionalString(file, keyOf(file, 'mimeType'), path);
  const mediaType = given === undefined ? undefined : normalised(given);
  if (mediaType?.startsWith('video/') || mediaType?.startsWith('audio/')) {
    throw unsupported(join(path, key), 'video and audio by URL cannot be carried');
  }
  const base = mediaType === undefined ? { url } : { mediaType, url };
  return mediaType?.startsWith('image/') ? { type: 'image', ...base } : { type: 'document', ...base };
}

/** Anthropic compares the name with the bytes, and `image/jpg` is no registered type. */
function normalised(mediaType: string): string {
  const lower = mediaType.trim().toLowerCase();
  return lower === 'image/jpg' ? 'image/jpeg' : lower;
}

export function unsupported(field: string, reason: string): Error {
  return protocolFaults.unsupported_field(`${field}: ${reason}`, { field });
}
