import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { refuse } from './anthropic-refuse.ts';
import { isBase64, sniffImage } from './image-facts.ts';
import { isGenuineSeal, isGenuineSignature } from './signature.ts';

/** Members of each block that clients send (SDK 1.11: *BlockParam). */
const blockMembers: Record<string, readonly string[]> = {
  text: ['text', 'cache_control', 'citations'],
  image: ['source', 'cache_control'],
  document: ['source', 'cache_control', 'citations', 'context', 'title'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
  search_result: ['content', 'source', 'title', 'cache_control', 'citations'],
  server_tool_use: ['id', 'name', 'input', 'cache_control', 'caller'],
  web_search_tool_result: ['tool_use_id', 'content', 'cache_control', 'caller'],
  tool_reference: ['tool_name', 'cache_control'],
};

const allowedIn: Record<string, readonly string[]> = {
  system: ['text'],
  user: ['text', 'image', 'document', 'tool_result', 'search_result'],
  assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'web_search_tool_result'],
  tool_result: ['text', 'image', 'document', 'search_result', 'tool_reference'],
};

/** Checks every block of a content list. `place` decides which kinds may stand there. */
export function checkBlocks(content: Json[], path: string, place: string): void {
  for (const [index, block] of content.entries()) checkBlock(block, `${path}.${index}`, place);
}

function checkBlock(block: Json, path: string, place: string): void {
  if (!isJsonObject(block)) refuse(`${path}: Input should be an object`);
  const type = String(block.type);
  if (block.type === undefined) refuse(`${path}.type: Field required`);
  if (!allowedIn[place]?.includes(type)) {
    refuse(
      `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${allowedIn[place]?.map((name) => `'${name}'`).join(', ')}`,
    );
  }
  for (const member of Object.keys(block)) {
    if (member !== 'type' && !blockMembers[type]?.includes(member))
      refuse(`${path}.${type}.${member}: Extra inputs are not permitted`);
  }
  checkKind[type]?.(block, `${path}.${type}`, path);
}

const toolIdPattern = /^[a-zA-Z0-9_-]+$/;

const checkKind: Record<string, (block: JsonObject, path: string, blockPath: string) => void> = {
  text(block, path) {
    if (typeof block.text !== 'string') refuse(`${path}.text: Field required`);
    if (block.text === '') refuse('messages: text content blocks must be non-empty');
    if (block.text.trim() === '') refuse('messages: text content blocks must contain non-whitespace text');
  },
  image: checkImage,
  thinking(block, path, blockPath) {
    if (typeof block.thinking !== 'string') refuse(`${path}.thinking: Field required`);
    if (typeof block.signature !== 'string') refuse(`${path}.signature: Field required`);
    if (!isGenuineSignature(block.thinking, block.signature))
      refuse(`${blockPath}: Invalid \`signature\` in \`thinking\` block`);
  },
  redacted_thinking(block, path, blockPath) {
    if (typeof block.data !== 'string') refuse(`${path}.data: Field required`);
    if (!isGenuineSeal(block.data)) refuse(`${blockPath}: Invalid \`data\` in \`redacted_thinking\` block`);
  },
  tool_use(block, path) {
    if (typeof block.id !== 'string') refuse(`${path}.id: Field required`);
    if (!toolIdPattern.test(block.id)) refuse(`${path}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    if (typeof block.name !== 'string') refuse(`${path}.name: Field required`);
    if (block.name === '' || block.name.length > 200)
      refuse(`${path}.name: String should have at least 1 character and at most 200 characters`);
    if (!isJsonObject(block.input)) refuse(`${path}.input: Input should be a valid dictionary`);
  },
  tool_result(block, path) {
    if (typeof block.tool_use_id !== 'string') refuse(`${path}.tool_use_id: Field required`);
    if (!toolIdPattern.test(block.tool_use_id))
      refuse(`${path}.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    if (block.is_error !== undefined && typeof block.is_error !== 'boolean')
      refuse(`${path}.is_error: Input should be a valid boolean`);
    if (block.content === undefined || typeof block.content === 'string') return;
    if (!Array.isArray(block.content)) refuse(`${path}.content: Input should be a valid list`);
    checkBlocks(block.content, `${path}.content`, 'tool_result');
  },
};

function checkImage(block: JsonObject, path: string): void {
  const source = block.source;
  if (!isJsonObject(source)) refuse(`${path}.source: Field required`);
  if (source.type === 'url' || source.type === 'file') return;
  if (source.type !== 'base64')
    refuse(
      `${path}.source: Input tag '${String(source.type)}' found using 'type' does not match any of the expected tags: 'base64', 'url'`,
    );
  const { media_type: mediaType, data } = source;
  if (!['image/jpeg', 'image/png', 'image/gif', 'image/webp'].includes(String(mediaType))) {
    refuse(`${path}.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`);
  }
  if (typeof data !== 'string' || !isBase64(data)) refuse(`${path}.source.base64: invalid base64 data`);
  const found = sniffImage(data);
  if (found === undefined) refuse('Could not process image');
  if (found.mediaType !== mediaType) {
    refuse(`${path}.source.base64.data: Image does not match the provided media type ${String(mediaType)}`);
  }
}
