import * as fc from 'fast-check';
import type { Message, Part } from '../../node/conversation/contract.ts';
import { importSignature } from '../../node/conversation/signature.ts';

const text = fc.string({ maxLength: 10 });
const id = fc.constantFrom('a', 'b', 'c', 'x'.repeat(60), 'functions.f:0|é');
const signature = fc.constantFrom(undefined, importSignature('openai', 'bm90IGdlbnVpbmU='), 'EqAnthropic');

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.tuple(text, signature).map(([said, sign]): Part => {
    const thinking = { type: 'thinking' as const, text: said };
    return sign === undefined ? thinking : Object.assign(thinking, { signature: sign });
  }),
  fc.tuple(id, signature, fc.constantFrom('', '{}', '{"a":1}')).map(([callId, sign, argumentsJson]): Part => {
    const call = { type: 'tool_call' as const, id: callId, name: 'lookup', argumentsJson };
    return sign === undefined ? call : Object.assign(call, { signature: sign });
  }),
  fc.tuple(id, text, fc.boolean()).map(([callId, said, isError]): Part => ({
    type: 'tool_result',
    callId,
    content: [{ type: 'text', text: said }],
    isError,
  })),
); // prettier-ignore

const isPlaced = (role: string) => (one: Part) =>
  one.type === 'text' ||
  (role === 'assistant' ? one.type !== 'tool_result' : role === 'user' && one.type === 'tool_result');
/** A call's id is unique within its message in every protocol. */
const isFirst = (one: Part, index: number, parts: readonly Part[]) =>
  one.type !== 'tool_call' || parts.findIndex((other) => other.type === 'tool_call' && other.id === one.id) === index;

/** Histories as clients send them: cut, shuffled, with calls and results that lack each other and foreign signatures. */
export const anyHistory: fc.Arbitrary<Message[]> = fc.array(
  fc
    .tuple(fc.constantFrom('user' as const, 'assistant' as const, 'system' as const), fc.array(part, { maxLength: 4 }))
    .map(([role, parts]) => ({ role, parts: parts.filter(isPlaced(role)).filter(isFirst) })),
  { maxLength: 8 },
);

/** Schemas with all that tools of the wild hold, known to strict backends or not. */
export const anySchema = fc.letrec<{ node: Record<string, unknown>; part: Record<string, unknown> }>((tie) => ({
  // Few levels: each has room for many schemas.
  part: fc.oneof({ maxDepth: 2, depthIdentifier: 'schema' }, fc.constant({}), fc.constant({ type: 'string' }), tie('node')),
  node: fc.record(
    {
      type: fc.constantFrom('string', 'integer', 'array', 'object', 'boolean', ['string', 'null'], ['integer', 'string']),
      description: text,
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'type', '$ref'), tie('part'), { maxKeys: 2 }),
      required: fc.subarray(['a', 'b', 'missing']),
      items: tie('part'),
      enum: fc.subarray(['x', 1, null, true], { minLength: 1 }),
      const: fc.constantFrom('x', 1, null),
      format: fc.constantFrom('date-time', 'uuid', 'int32'),
      anyOf: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
      allOf: fc.array(tie('part'), { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie('part')),
      default: fc.constantFrom(null, 3, 'x'),
      title: text,
      $ref: fc.constantFrom('#', '#/properties/a', '#/nowhere'),
      exclusiveMinimum: fc.integer(),
      multipleOf: fc.integer({ min: 1 }),
      uniqueItems: fc.boolean(),
      readOnly: fc.boolean(),
      deprecated: fc.boolean(),
      'x-vendor': text,
      $comment: text,
    },
    { requiredKeys: [] },
  ),
})).node; // prettier-ignore
