import { array, assert, boolean, constantFrom, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { innerRequest } from '../../../../node/providers/gemini-cli/body.ts';
import { StreamUnwrapper, WholeUnwrapper } from '../../../../node/providers/gemini-cli/unwrapper.ts';

const inner = (body: JsonObject) => innerRequest(Buffer.from(JSON.stringify(body)));
const hello = { role: 'user', parts: [{ text: 'hello' }] };

describe('a client’s request inside the envelope', () => {
  it('keeps what the service takes, in camel case, and tells what it leaves out', () => {
    const body = { model: 'm', contents: [hello], system_instruction: { parts: [] }, generation_config: {}, session_id: 's', store: true }; // prettier-ignore
    expect(inner(body)).toEqual({
      request: { contents: [hello], systemInstruction: { parts: [] }, generationConfig: {}, session_id: 's' },
      dropped: ['store'],
    });
  });

  it.each([
    [{ parts: [{ text: 'x' }] }, 'user'],
    [{ role: '', parts: [{ text: 'x' }] }, 'user'],
    [{ role: 'function', parts: [{ text: 'x' }] }, 'user'],
    [{ role: 'model', parts: [{ text: 'x' }] }, 'model'],
  ])('gives %j the role %s', (content, role) => {
    expect(inner({ contents: [content] }).request['contents']).toMatchObject([{ role }]);
    expect(inner({ contents: content }).request['contents']).toMatchObject([{ role }]);
  });

  it('finds the contents of a count that asks for a whole request', () => {
    const whole = { generateContentRequest: { model: 'models/m', contents: [hello] } };
    expect(inner(whole).request).toEqual({ contents: [hello] });
  });
});

describe('a stream out of the envelope', () => {
  const response = (text: string) => ({ candidates: [{ content: { role: 'model', parts: [{ text }] } }] });
  const events = [
    { traceId: 't' },
    { response: response('Grüße'), traceId: 't' },
    { response: response('世界 🌊'), traceId: 't' },
    { error: { code: 503, message: 'late' } },
  ];
  const expected = [response('Grüße'), response('世界 🌊'), { error: { code: 503, message: 'late' } }]
    .map((each) => `data: ${JSON.stringify(each)}\n\n`)
    .join('');

  it('is the same however it is cut, with any line ends', () => {
    assert(
      property(constantFrom('\n', '\r\n', '\r'), boolean(), array(nat(600), { maxLength: 30 }), (end, isClosed, cuts) => {
        const text = events.map((event) => `data: ${JSON.stringify(event)}`).join(end + end);
        const whole = Buffer.from(text + (isClosed ? end + end : ''));
        const points = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b), whole.length];
        const unwrapper = new StreamUnwrapper();
        let out = '';
        points.slice(1).forEach((point, index) => {
          out += unwrapper.push(whole.subarray(points[index], point))?.toString() ?? '';
        });
        out += unwrapper.end()?.toString() ?? '';
        expect(out).toBe(expected);
      }),
      { numRuns: 200 },
    );
  }); // prettier-ignore

  it('takes an error out of its list', () => {
    const unwrapper = new StreamUnwrapper();
    const out = unwrapper.push(Buffer.from('data: [{"error":{"code":429}}]\n\n'));
    expect(out?.toString()).toBe('data: {"error":{"code":429}}\n\n');
  });

  it('ends at what is not JSON', () => {
    const unwrapper = new StreamUnwrapper();
    expect(() => unwrapper.push(Buffer.from('data: secret {\n\n'))).toThrow(
      expect.objectContaining({ code: 'upstream_bad_answer', message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('a whole answer out of the envelope', () => {
  const through = (text: string): string => {
    const unwrapper = new WholeUnwrapper();
    for (const byte of Buffer.from(text)) unwrapper.push(Buffer.of(byte));
    return unwrapper.end()?.toString() ?? '';
  };

  it.each([
    ['{"response":{"candidates":[]},"traceId":"t"}', '{"candidates":[]}'],
    ['{"totalTokens":3}', '{"totalTokens":3}'],
    ['{"error":{"code":429}}', '{"error":{"code":429}}'],
  ])('%s is %s', (text, expected) => {
    expect(through(text)).toBe(expected);
  });

  it('is refused where it is not JSON', () => {
    expect(() => through('<html>')).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }));
  });
});
