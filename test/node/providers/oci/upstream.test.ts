import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../../kit/fault.ts';
import type { Message } from '../../../../node/conversation/contract.ts';
import type { ProviderEnvironment, Upstream, UpstreamRequest } from '../../../../node/providers/contract.ts';
import { ociProvider } from '../../../../node/providers/oci/index.ts';
import { conversation, lookup } from '../../../suites/conversations.ts';
import { plainFiles, providerEnvironment } from '../../../suites/provider-environment.ts';
import { ociAccount, type OciUpstream, startOci } from '../../../upstream/oci/upstream.ts';

let scripted: OciUpstream;
let home: string;
beforeAll(async () => {
  scripted = await startOci();
  home = await mkdtemp(join(tmpdir(), 'aiproxy-oci-'));
});
afterAll(async () => {
  await scripted.close();
  await rm(home, { recursive: true });
});
beforeEach(() => scripted.clear());
afterEach(() => (scripted.clockSkewMs = 0));

const environment: ProviderEnvironment = providerEnvironment();
function open(more: Record<string, unknown> = {}, given: Partial<ProviderEnvironment> = {}): Upstream {
  const credential = ociProvider.credential.parse({ ...ociAccount(scripted), ...more });
  return ociProvider.open({ id: 'o1', provider: 'oci', ...credential }, providerEnvironment(given));
}

async function send(upstream: Upstream, request: UpstreamRequest) {
  const signed = await upstream.authorise!(request);
  return environment.ask({ ...signed, origin: signed.origin ?? upstream.origin });
}

/** As a node does it: once more, if the upstream knows another way. */
async function sendRevised(upstream: Upstream, request: UpstreamRequest) {
  const first = await send(upstream, request);
  if (first.status === 200) return { answer: first, isRevised: false };
  const fault = upstream.readFault(first.status, first.headers, first.body);
  const other = await upstream.revise!(request, fault);
  return { answer: other === undefined ? first : await send(upstream, other), isRevised: other !== undefined, fault };
}
const sent = () => JSON.parse(String(scripted.requests.at(-1)?.body)) as { servingMode: unknown; chatRequest: unknown };
const ask = (model: string, more = {}) => conversation(model, 'hello', more);

describe('an account at OCI', () => {
  it('asks on demand by the whole name, for a friendly one too', async () => {
    const upstream = open();
    for (const model of ['grok-3-mini', 'xai.grok-3-mini']) {
      const { status } = await send(upstream, upstream.encode(ask(model)).request);
      expect(status).toBe(200);
      expect(sent().servingMode).toEqual({ servingType: 'ON_DEMAND', modelId: 'xai.grok-3-mini' });
    }
  });

  it('asks a dedicated endpoint for all models, or for those that are mapped to one', async () => {
    const endpoint = 'ocid1.generativeaiendpoint.oc1.us-chicago-1.x';
    const all = open({ serving_endpoint: endpoint });
    expect(all.models).toBeUndefined();
    expect((await send(all, all.encode(ask('cohere.command-a-03-2025')).request)).status).toBe(200);
    expect(sent()).toMatchObject({
      servingMode: { servingType: 'DEDICATED', endpointId: endpoint },
      chatRequest: { apiFormat: 'COHERE' },
    });
    const mapped = open({ model_map: { mine: endpoint }, api_format: 'generic' });
    expect((await send(mapped, mapped.encode(ask('mine')).request)).status).toBe(200);
    expect(sent()).toMatchObject({
      servingMode: { servingType: 'DEDICATED', endpointId: endpoint },
      chatRequest: { apiFormat: 'GENERIC' },
    });
  });

  it('lists its models page by page at the control plane', async () => {
    const upstream = open();
    const { models } = upstream;
    expect(models!.request().origin).toBe(scripted.url);
    const small = (page?: string) => {
      const request = models!.request(page);
      return { ...request, path: request.path.replace('limit=100', 'limit=2') };
    };
    const listed: string[] = [];
    let page: string | undefined;
    let pages = 0;
    do {
      const { status, body, headers } = await send(upstream, small(page));
      expect(status).toBe(200);
      listed.push(...models!.parse(body).map(({ id }) => id));
      page = models!.nextPage!(body, headers);
    } while (page !== undefined && ++pages < 20);
    expect(pages).toBeGreaterThan(2);
    expect(listed).toContain('xai.grok-4');
    expect(listed).not.toContain('my-tuned-model');
    expect(listed).not.toContain('cohere.embed-v4');
  });

  it('signs once more by Oracle’s clock when its own is wrong, and from then on', async () => {
    scripted.clockSkewMs = 3_600_000;
    const upstream = open();
    const request = upstream.encode(ask('xai.grok-3-mini')).request;
    const { answer, isRevised, fault } = await sendRevised(upstream, request);
    expect(fault).toMatchObject({ code: 'upstream_unauthorised', upstreamStatus: 401 });
    expect([isRevised, answer.status]).toEqual([true, 200]);
    expect((await send(upstream, request)).status).toBe(200);
  });

  it('leaves out a field that the model’s backend refuses, and does not send it again', async () => {
    const upstream = open({ api_format: 'GENERIC' });
    const call = () => upstream.encode(ask('xai.grok-4', { thinking: { mode: 'on', effort: 'high' } }));
    const refused = call();
    expect(JSON.parse(String(refused.request.body))).toMatchObject({ chatRequest: { reasoningEffort: 'HIGH' } });
    const { answer, isRevised } = await sendRevised(upstream, refused.request);
    expect([isRevised, answer.status]).toEqual([true, 200]);
    expect(sent().chatRequest).not.toHaveProperty('reasoningEffort');
    const next = call();
    expect(JSON.parse(String(next.request.body))).not.toHaveProperty('chatRequest.reasoningEffort');
    expect(next.dropped).toContain('reasoning_effort');
    // Another model may well know it.
    const other = upstream.encode(ask('xai.grok-3-mini', { thinking: { mode: 'on', effort: 'high' } })).request;
    expect(JSON.parse(String(other.body))).toMatchObject({ chatRequest: { reasoningEffort: 'HIGH' } });
  });

  const refusal = (error: unknown) => Buffer.from(JSON.stringify({ code: '400', message: JSON.stringify({ error }) }));
  const sampled = {
    maxTokens: 9,
    temperature: 1,
    topP: 0.5,
    presencePenalty: 1,
    frequencyPenalty: 0.5,
    parallelToolCalls: true,
    tools: [lookup],
  };
  const encoded = (upstream: Upstream) => upstream.encode(ask('xai.grok-3-mini', sampled)).request;
  const chatRequestOf = ({ body }: UpstreamRequest) =>
    (JSON.parse(String(body)) as { chatRequest: Record<string, unknown> }).chatRequest;
  const faultOf = (upstream: Upstream, error: unknown): Fault => upstream.readFault(400, {}, refusal(error));

  it.each([
    [{ code: 'unsupported_parameter', param: 'max_tokens' }, 'maxTokens', { maxCompletionTokens: 9 }],
    [{ code: 'unsupported_value', param: 'temperature' }, 'temperature', { topP: 0.5 }],
    [{ code: 'unsupported_parameter', message: "Unsupported parameter: 'presence_penalty'" }, 'presencePenalty', {}],
    [{ message: 'Argument not supported on this model: frequencyPenalty' }, 'frequencyPenalty', {}],
    [{ code: 'unsupported_parameter', param: 'parallel_tool_calls' }, 'isParallelToolCalls', {}],
  ])('knows another way after %j', async (error, field, left) => {
    const upstream = open();
    const request = encoded(upstream);
    expect(chatRequestOf(request)).toHaveProperty(field);
    const other = await upstream.revise!(request, faultOf(upstream, error));
    expect(chatRequestOf(other!)).not.toHaveProperty(field);
    expect(chatRequestOf(other!)).toMatchObject({ ...left, messages: [{ role: 'USER' }] });
  });

  it('swaps the bounds of the output once, and not for ever', async () => {
    const upstream = open();
    const request = encoded(upstream);
    const first = await upstream.revise!(
      request,
      faultOf(upstream, { code: 'unsupported_value', param: 'max_tokens' }),
    );
    const again = faultOf(upstream, { code: 'unsupported_value', param: 'max_completion_tokens' });
    await upstream.revise!(first!, again);
    expect(chatRequestOf(encoded(upstream))).toHaveProperty('maxCompletionTokens', 9);
  });

  it.each([
    ['a field that changes the answer', { code: 'unsupported_parameter', param: 'tools' }],
    ['a field that was not sent', { code: 'unsupported_value', param: 'seed' }],
    ['another complaint', { code: 'invalid_value', param: 'temperature' }],
    ['a field within another', { code: 'unsupported_value', param: 'messages[0].content' }],
  ])('knows no other way after %s', (_name, error) => {
    const upstream = open();
    expect(upstream.revise!(encoded(upstream), faultOf(upstream, error))).toBeUndefined();
  });

  it('leaves the bytes of the transparent route alone', () => {
    const upstream = open();
    const { body } = encoded(upstream);
    const path = '/20231130/actions/chat';
    const request = upstream.transparent({ method: 'POST', path, headers: [], body: Buffer.from(String(body)) });
    const fault = faultOf(upstream, { code: 'unsupported_value', param: 'temperature' });
    expect(upstream.revise!(request, fault)).toBeUndefined();
  });

  it('names the field that it leaves out, and keeps the digits of what stays', () => {
    const upstream = open();
    const messages: Message[] = [
      { role: 'user', parts: [{ type: 'text', text: 'x' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'c', name: 'lookup', argumentsJson: '{"n":12345678901234567891}' }],
      },
    ];
    const { request } = upstream.encode({
      ...ask('cohere.command-a-03-2025', { temperature: 1, tools: [lookup] }),
      messages,
    });
    const fault = faultOf(upstream, { code: 'unsupported_value', param: 'temperature' });
    const revised = upstream.revise!(request, fault) as UpstreamRequest;
    expect(revised.dropped).toEqual(['temperature']);
    expect(String(revised.body)).toContain('"n":12345678901234567891');
    expect(String(revised.body)).not.toContain('temperature');
  });

  it('sends the transparent route to the host of each path, with the version where it is missing', () => {
    const upstream = open({ base_url: undefined });
    const to = (path: string) => {
      const { origin, path: sentPath } = upstream.transparent({ method: 'GET', path, headers: [], body: undefined });
      return `${origin ?? upstream.origin}${sentPath}`;
    };
    const host = 'generativeai.us-chicago-1.oci.oraclecloud.com';
    expect(to('/20231130/actions/chat')).toBe(`https://inference.${host}/20231130/actions/chat`);
    expect(to('/actions/embedText')).toBe(`https://inference.${host}/20231130/actions/embedText`);
    expect(to('/20231130/models?x=1')).toBe(`https://${host}/20231130/models?x=1`);
    expect(to('/openai/v1/models')).toBe(`https://inference.${host}/openai/v1/models`);
  });

  it('reads its key from a file, in the home folder too, and a session token beside it', async () => {
    const { key_content, ...rest } = ociAccount(scripted);
    await writeFile(join(home, 'oci.pem'), String(key_content));
    await writeFile(join(home, 'token'), 'session-token\n');
    const files = plainFiles(home);
    const upstream = open({ ...rest, key_content: undefined, key_file: '~/oci.pem' }, { files });
    expect((await send(upstream, upstream.probe(undefined))).status).toBe(200);
    const session = open(
      { ...rest, key_content: undefined, user: undefined, key_file: '~/oci.pem', security_token_file: '~/token' },
      { files },
    );
    const { headers } = await session.authorise!(session.probe(undefined));
    expect(headers.at(-1)).toContain('keyId="ST$session-token"');
    await writeFile(join(home, 'token'), 'no token\nat all');
    expect(() => open({ security_token_file: '~/token' }, { files })).toThrow(/security_token_file .* holds no token/);
  });

  it('is refused with the field that is wrong', () => {
    const parse = (more: Record<string, unknown>) =>
      ociProvider.credential.safeParse({ ...ociAccount(scripted), ...more });
    expect(parse({ key_content: undefined }).error?.issues).toMatchObject([{ path: ['key_file'] }]);
    expect(parse({ user: undefined }).error?.issues).toMatchObject([{ path: ['user'] }]);
    expect(parse({ region: 'Chicago' }).error?.issues).toMatchObject([{ path: ['region'] }]);
    expect(() => open({ fingerprint: '00:00' })).toThrow(/^fingerprint: 00:00 is not that of the key/);
    expect(() => open({ region: 'us-chikago-1', base_url: undefined })).toThrow(/did you mean us-chicago-1/);
  });

  it('speaks no protocol of clients', () => {
    expect(open().speaks('openai-chat', 'generate')).toBe(false);
    const call = { body: Buffer.of(), model: 'm', stream: false, protocolHeaders: [] };
    expect(() => open().passThrough('openai-chat', 'generate', call)).toThrow(TypeError);
  });
});
