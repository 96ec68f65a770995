import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { isBase64, sniffImage } from './image-facts.ts';
import { refuse } from './openai-refuse.ts';

const partTypes: Record<string, readonly string[]> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
};

/** Checks the content of one message: text, or parts that its role may have. */
export function checkContent(message: JsonObject, role: string, path: string): void {
  const { content } = message;
  const mayBeNull =
    role === 'assistant' &&
    (message.tool_calls !== undefined || message.function_call !== undefined || message.refusal !== undefined);
  if (content === undefined || content === null) {
    if (!mayBeNull)
      refuse("Invalid value for 'content': expected a string, got null.", `messages.[${path.slice(9, -1)}].content`);
    return;
  }
  if (typeof content === 'string') return;
  if (!Array.isArray(content))
    refuse(
      `Invalid type for '${path}.content': expected one of a string or array of objects.`,
      `${path}.content`,
      'invalid_type',
    );
  if (content.length === 0)
    refuse(
      `Invalid '${path}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
      `${path}.content`,
      'empty_array',
    );
  for (const [index, part] of content.entries()) checkPart(part, role, `${path}.content[${index}]`);
}

const partMembers: Record<string, readonly string[]> = {
  text: ['type', 'text'],
  image_url: ['type', 'image_url'],
  input_audio: ['type', 'input_audio'],
  file: ['type', 'file'],
  refusal: ['type', 'refusal'],
};

function checkPart(part: Json, role: string, path: string): void {
  if (!isJsonObject(part)) return refuse(`Invalid type for '${path}': expected an object.`, path, 'invalid_type');
  const type = String(part.type);
  const allowed = partTypes[role] ?? ['text'];
  if (!allowed.includes(type)) {
    if (type === 'image_url')
      refuse(
        `Invalid '${path.slice(0, path.indexOf('.'))}'. Image URLs are only allowed for messages with role 'user', but this message with role '${role}' contains an image URL.`,
        path,
        'invalid_value',
      );
    refuse(
      `Invalid value: '${type}'. Supported values are: ${allowed.map((name) => `'${name}'`).join(', ')}.`,
      `${path}.type`,
      'invalid_value',
    );
  }
  for (const member of Object.keys(part)) {
    if (!partMembers[type]?.includes(member))
      refuse(`Unknown parameter: '${path}.${member}'.`, `${path}.${member}`, 'unknown_parameter');
  }
  if (type === 'text' && typeof part.text !== 'string')
    refuse(`Missing required parameter: '${path}.text'.`, `${path}.text`, 'missing_required_parameter');
  if (type === 'image_url') checkImage(part, path);
}

function checkImage(part: JsonObject, path: string): void {
  const url = isJsonObject(part.image_url) ? part.image_url.url : undefined;
  if (typeof url !== 'string')
    return refuse(
      `Invalid type for '${path}.image_url': expected an object, but got a string instead.`,
      `${path}.image_url`,
      'invalid_type',
    );
  if (/^https?:\/\//.test(url)) return;
  const [, mediaType, data] = /^data:([a-z]+\/[a-z0-9.+-]+);base64,(.*)$/is.exec(url) ?? [];
  if (mediaType === undefined || data === undefined || !isBase64(data)) {
    refuse(
      `Invalid '${path}.image_url.url'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got an invalid URL.`,
      `${path}.image_url.url`,
      'invalid_base64',
    );
  }
  if (sniffImage(data) === undefined)
    refuse(
      "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
      null,
      'invalid_image_format',
    );
}
