import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { checkMessages } from './anthropic-check-messages.ts';
import { checkBlocks } from './anthropic-check-blocks.ts';
import { checkTools } from './anthropic-check-tools.ts';
import { refuse } from './anthropic-refuse.ts';

/** Members of the body (SDK 1.11: MessageCreateParamsBase; sampling members are documented still). */
const members = new Set([
  'model', 'max_tokens', 'messages', 'system', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k',
  'tools', 'tool_choice', 'thinking', 'service_tier', 'cache_control', 'container', 'diagnostics', 'inference_geo',
  'output_config', 'speed', 'user_profile_id', 'workspace_id',
]); // prettier-ignore

/** Members that are known only with a beta header that starts so (SDK 1.11: beta MessageCreateParamsBase). */
const betaMembers: Record<string, string> = {
  context_management: 'context-management-',
  mcp_servers: 'mcp-client-',
  output_format: 'structured-outputs-',
  compaction: 'compact-',
  fallbacks: 'server-side-fallback-',
  fallback_credit_token: 'fallback-credit-',
  thread: 'message-threads-',
  billing_policy: 'user-profiles-billing-',
};

/** Gone since version 2026-10-21: refused whatever their value (docs: api/migration-2026-10-21). */
const samplingMembers = new Set(['temperature', 'top_p', 'top_k']);

/** Members that token counting does not take. */
const generationMembers = new Set([
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'metadata',
  'service_tier',
]);

export interface CallFacts {
  betas: string[];
  /** Token counting. */
  isCount: boolean;
  /** `anthropic-version`. */
  version: string;
}

export function checkBody(body: unknown, { betas, isCount, version }: CallFacts): JsonObject {
  if (!isJsonObject(body)) return refuse('Input should be an object');
  for (const member of Object.keys(body)) {
    const beta = betaMembers[member];
    const isKnown = members.has(member) || (beta !== undefined && betas.some((name) => name.startsWith(beta)));
    const isGone = version >= '2026-10-21' && samplingMembers.has(member);
    if (!isKnown || isGone || (isCount && generationMembers.has(member)))
      refuse(`${member}: Extra inputs are not permitted`);
  }
  if (typeof body.model !== 'string') refuse('model: Field required');
  if (!isCount) checkMaxTokens(body.max_tokens);
  checkSampling(body);
  checkMetadata(body.metadata);
  if (body.system !== undefined && typeof body.system !== 'string') checkSystem(body.system);
  checkTools(body);
  checkThinking(body);
  checkOutput(body);
  checkMessages(body);
  checkCacheMarks(body);
  return body;
}

function checkMaxTokens(value: Json | undefined): void {
  if (value === undefined) refuse('max_tokens: Field required');
  if (typeof value !== 'number' || !Number.isInteger(value)) refuse('max_tokens: Input should be a valid integer');
  if (value < 1) refuse('max_tokens: Input should be greater than or equal to 1');
}

function checkSampling(body: JsonObject): void {
  const { temperature, top_p: topP, stop_sequences: stops } = body;
  if (temperature !== undefined && (typeof temperature !== 'number' || temperature < 0 || temperature > 1)) {
    refuse('temperature: range: 0..1');
  }
  if (topP !== undefined && (typeof topP !== 'number' || topP < 0 || topP > 1)) refuse('top_p: range: 0..1');
  const isNewer = typeof body.model === 'string' && /claude-(opus|sonnet|haiku)-(4-[1-9]|[5-9])/.test(body.model);
  if (isNewer && temperature !== undefined && topP !== undefined) {
    refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  }
  if (stops === undefined) return;
  if (!Array.isArray(stops)) refuse('stop_sequences: Input should be a valid list');
  if (stops.some((stop) => typeof stop !== 'string' || stop.trim() === '')) {
    refuse('stop_sequences: each stop sequence must contain non-whitespace');
  }
}

function checkMetadata(metadata: Json | undefined): void {
  if (metadata === undefined || metadata === null) return;
  if (!isJsonObject(metadata)) refuse('metadata: Input should be an object');
  for (const member of Object.keys(metadata)) {
    if (member !== 'user_id') refuse(`metadata.${member}: Extra inputs are not permitted`);
  }
}

function checkSystem(system: Json): void {
  if (!Array.isArray(system)) refuse('system: Input should be a valid list');
  checkBlocks(system, 'system', 'system');
}

function checkThinking(body: JsonObject): void {
  const { thinking, max_tokens: maxTokens } = body;
  if (thinking === undefined || thinking === null) return;
  if (!isJsonObject(thinking) || !['enabled', 'disabled', 'adaptive'].includes(String(thinking.type))) {
    refuse(
      "thinking: Input tag found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'",
    );
  }
  if (thinking.type === 'disabled') return;
  if (thinking.type === 'enabled') {
    const budget = thinking.budget_tokens;
    if (typeof budget !== 'number') refuse('thinking.enabled.budget_tokens: Field required');
    if (budget < 1024) refuse('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    if (typeof maxTokens === 'number' && maxTokens <= budget) {
      refuse(
        '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size',
      );
    }
  }
  if (typeof body.temperature === 'number' && body.temperature !== 1) {
    refuse(
      '`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking',
    );
  }
  const choice = isJsonObject(body.tool_choice) ? body.tool_choice.type : undefined;
  if (choice === 'any' || choice === 'tool') refuse('Thinking may not be enabled when tool_choice forces tool use.');
}

/** Objects of an output schema must be closed (docs: structured outputs, JSON Schema limitations). */
function checkOutput({ output_config: config }: JsonObject): void {
  const format = isJsonObject(config) ? config.format : undefined;
  if (!isJsonObject(format)) return;
  if (format.type !== 'json_schema') refuse("output_config.format.type: Input should be 'json_schema'");
  if (!isJsonObject(format.schema)) refuse('output_config.format.schema: Field required');
  if (format.schema.type === 'object' && format.schema.additionalProperties !== false) {
    refuse("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false");
  }
}

/** Marks are counted wherever they stand in the body; the top-level one counts as one. */
function checkCacheMarks(body: JsonObject): void {
  const marks = JSON.stringify(body).split('"cache_control":{').length - 1;
  if (marks > 4) refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
}
