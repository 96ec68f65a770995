import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { Refusal } from '../refusal.ts';
import { checkCohere, cohereShape } from './check-cohere.ts';
import { checkCohereV2, cohereV2Shape } from './check-cohere-v2.ts';
import { checkGeneric, genericShape } from './check-generic.ts';
import { entityNotFound, invalid, misshapen } from './errors.ts';
import { fields, matching, Misshapen, oneOf, type Shape, text, variants } from './shape.ts';

export type ApiFormat = 'GENERIC' | 'COHERE' | 'COHEREV2';

export interface ChatCall {
  format: ApiFormat;
  /** Name of the model, or OCID of the endpoint. */
  model: string;
  request: JsonObject;
}

const shapes: Readonly<Record<ApiFormat, Shape>> = {
  GENERIC: genericShape,
  COHERE: cohereShape,
  COHEREV2: cohereV2Shape,
};
const envelope = fields({
  compartmentId: matching(/^ocid1\.(?:compartment|tenancy)\./),
  servingMode: variants('servingType', { ON_DEMAND: { modelId: text }, DEDICATED: { endpointId: text } }),
  chatRequest: (value, path) => {
    const format = isJsonObject(value) ? value['apiFormat'] : undefined;
    oneOf(...Object.keys(shapes))(format, `${path}.apiFormat`);
    shapes[format as ApiFormat](value, path);
  },
});

/** Cohere's models give at most so much on demand. */
const cohereTokensMax = 4000;

/** Checks the body of a chat call; throws the service's refusal. */
export function checkChat(body: unknown): ChatCall {
  try {
    envelope(body as JsonObject, 'body');
  } catch (error) {
    if (error instanceof Misshapen) throw new Refusal(misshapen(error.message));
    throw error;
  }
  const { servingMode, chatRequest } = body as { servingMode: JsonObject; chatRequest: JsonObject };
  const format = chatRequest['apiFormat'] as ApiFormat;
  const model = String(servingMode['modelId'] ?? servingMode['endpointId']);
  if (servingMode['servingType'] === 'ON_DEMAND') checkOnDemand(model, format, chatRequest);
  if (format === 'GENERIC') checkGeneric(chatRequest, model);
  if (format === 'COHERE') checkCohere(chatRequest);
  if (format === 'COHEREV2') checkCohereV2(chatRequest, model);
  return { format, model, request: chatRequest };
}

/** Names have their vendor before them; the family decides on the format. */
function checkOnDemand(model: string, format: ApiFormat, { maxTokens }: JsonObject): void {
  if (!/^(?:[a-z]+\.|ocid1\.generativeaimodel\.)./.test(model)) throw new Refusal(entityNotFound(model));
  if (model.startsWith('ocid1.')) return;
  const isCohere = model.startsWith('cohere.');
  if (isCohere !== (format !== 'GENERIC')) invalid(`apiFormat: ${format} is not that of ${model}`);
  if (!isCohere) return;
  if (format === 'COHERE' && /command-a-reasoning|vision/.test(model)) invalid(`${model} needs apiFormat COHEREV2`);
  if (Number(maxTokens) > cohereTokensMax) invalid(`maxTokens: at most ${cohereTokensMax} for ${model}`);
}
