import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { LruMap } from '../../../kit/lru-map.ts';
import { parseKeepingDigits } from '../../conversation/arguments.ts';
import type { OciError } from './error-body.ts';

/** Models of an account that are kept in mind; a region has about a hundred. */
const modelsMax = 256;

/** Fields without which the answer is still one to the question, by OCI's names. */
const dispensable: ReadonlySet<string> = new Set([
  'frequencyPenalty', 'isParallelToolCalls', 'logProbs', 'logitBias', 'metadata', 'prediction', 'presencePenalty',
  'reasoningEffort', 'seed', 'serviceTier', 'streamOptions', 'temperature', 'topK', 'topP', 'verbosity',
]); // prettier-ignore

/** Bounds of the output, of which each model takes one. */
const otherBound: ReadonlyMap<string, string> = new Map([
  ['maxTokens', 'maxCompletionTokens'],
  ['maxCompletionTokens', 'maxTokens'],
]);

/** OpenAI's names where OCI's are not the same in camel case. */
const ociNames: ReadonlyMap<string, string> = new Map([
  ['logprobs', 'logProbs'],
  ['parallelToolCalls', 'isParallelToolCalls'],
]);

/** How backends name the field in their words where they have no `param`. */
const saidFields: readonly RegExp[] = [
  /unsupported (?:parameter|value)[^'"`]{0,40}['"`]([\w.]+)['"`]/i,
  /argument not supported on this model: (\w+)/i,
  /(?:does not support|unknown|unrecognized) (?:parameter|argument) ['"`]?(\w+)/i,
];

const refusalCodes: ReadonlySet<string | undefined> = new Set(['unsupported_value', 'unsupported_parameter']);

/** The field that a model's backend refuses and that can be left out or renamed, by OCI's name. */
export function refusedField({ innerCode, param, message }: OciError): string | undefined {
  const said = saidFields.map((form) => form.exec(message)?.[1]).find((name) => name !== undefined);
  const isRefusal = refusalCodes.has(innerCode) || said !== undefined;
  const named = isRefusal ? (param ?? said) : undefined;
  if (named === undefined) return undefined;
  const camel = named.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const name = ociNames.get(camel) ?? camel;
  return dispensable.has(name) || otherBound.has(name) ? name : undefined;
}

/** What each model has refused, so that a field costs one refusal and not one a request. */
export class RefusedFields {
  readonly #ofModel = new LruMap<string, Set<string>>(modelsMax);

  learn(model: string, field: string): void {
    const known = this.#ofModel.get(model) ?? new Set();
    const other = otherBound.get(field);
    // A model that has refused both bounds refuses the value; swapping them again and again would not help.
    if (other === undefined || !known.has(other)) known.add(field);
    this.#ofModel.set(model, known);
  }

  /** Takes out of a call's body what its model is known to refuse. Answers the fields that are gone, in snake case. */
  apply({ chatRequest, servingMode }: JsonObject): string[] {
    const gone: string[] = [];
    if (!isJsonObject(chatRequest)) return gone;
    for (const field of this.#ofModel.get(servedModel(servingMode) ?? '') ?? []) {
      if (withoutField(chatRequest, field) && !otherBound.has(field)) gone.push(snakeName(field));
    }
    return gone;
  }
}

/** A chat call's body less one field. */
export interface EditedBody {
  readonly body: Buffer;
  /** The model or endpoint that the call is for. */
  readonly model: string | undefined;
  /** The field in snake case, where it is gone and has no other in its place. */
  readonly dropped: readonly string[];
}

/** The body of a chat call without the field, or with the other bound; undefined when it does not have it. */
export function bodyWithout(body: Buffer, field: string): EditedBody | undefined {
  const parsed = parseKeepingDigits(body.toString());
  if (!isJsonObject(parsed) || !isJsonObject(parsed['chatRequest'])) return undefined;
  if (!withoutField(parsed['chatRequest'], field)) return undefined;
  const dropped = otherBound.has(field) ? [] : [snakeName(field)];
  return { body: Buffer.from(JSON.stringify(parsed)), model: servedModel(parsed['servingMode']), dropped };
}

/** The name under which a serving mode's refusals are kept. */
function servedModel(servingMode: Json | undefined): string | undefined {
  if (!isJsonObject(servingMode)) return undefined;
  const name = servingMode['endpointId'] ?? servingMode['modelId'];
  return typeof name === 'string' ? name : undefined;
}

function withoutField(chatRequest: JsonObject, field: string): boolean {
  const value = chatRequest[field];
  if (value === undefined) return false;
  delete chatRequest[field];
  const other = otherBound.get(field);
  if (other !== undefined) chatRequest[other] = value;
  return true;
}

function snakeName(field: string): string {
  const plain = field === 'isParallelToolCalls' ? 'parallelToolCalls' : field;
  return plain.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
