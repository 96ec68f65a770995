import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { principal } from '../../../node/auth/principal.ts';
import type { AnswerCache, CacheQuestion } from '../../../node/cache/contract.ts';
import { requestKey } from '../../../node/cache/request-key.ts';
import { admissionOf } from '../../../node/forward/admission.ts';
import { Call } from '../../../node/forward/call.ts';
import { findEndpoint } from '../../../node/forward/endpoint.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';

const host = { goOn: () => {}, serveKept: () => {}, deserted: () => {} };
const body = Buffer.from('{"model":"m","messages":[]}');

/** What the cache is asked about a call. */
function questionOf(
  caller: string,
  headers: IncomingHttpHeaders = {},
  url = '/v1/messages',
): CacheQuestion | undefined {
  const found = findEndpoint(url, new Set());
  if (found === undefined) throw new Error(`no endpoint ${url}`);
  const request = { headers } as IncomingMessage;
  const call = new Call('r', request, {} as ServerResponse, found, clientProtocols.anthropic, 0);
  call.caller = principal(caller, 'user');
  call.requestedModel = 'm';
  call.body = body;
  let asked: CacheQuestion | undefined;
  const refuse = () => {
    throw new Error('nothing is looked up here');
  };
  const cache: AnswerCache = {
    isEnabled: true,
    keyOf: (question) => {
      asked = question;
      return 'key';
    },
    find: refuse,
    join: refuse,
    refresh: refuse,
  };
  admissionOf(call, cache, host);
  return asked;
}

const keyFor = (...of: Parameters<typeof questionOf>) => {
  const question = questionOf(...of);
  return question === undefined ? undefined : requestKey(question);
};

it('never lets two callers share an answer', () => {
  expect(keyFor('one')).toBe(keyFor('one'));
  expect(keyFor('one')).not.toBe(keyFor('two'));
});

it('minds the headers that change the answer, and no others', () => {
  expect(keyFor('one', { 'anthropic-beta': 'x' })).not.toBe(keyFor('one'));
  expect(keyFor('one', { 'anthropic-version': '2023-06-01' })).not.toBe(keyFor('one'));
  expect(keyFor('one', { 'user-agent': 'x', cookie: 'y' })).toBe(keyFor('one'));
});

it('asks the cache nothing about token counts, and about what must not be stored', () => {
  expect(questionOf('one', {}, '/v1/messages/count_tokens')).toBeUndefined();
  expect(questionOf('one', { 'cache-control': 'no-store' })).toBeUndefined();
});
