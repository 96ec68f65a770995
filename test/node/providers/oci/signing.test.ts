import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DefaultRequestSigner, SimpleAuthenticationDetailsProvider } from 'oci-common';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../kit/secret.ts';
import type { UpstreamRequest } from '../../../../node/providers/contract.ts';
import { RequestSigner } from '../../../../node/providers/oci/request-signer.ts';
import { type DateHeader, signedLines, signingString } from '../../../../node/providers/oci/signed-lines.ts';
import { fingerprintOf, readSigningKey } from '../../../../node/providers/oci/signing-key.ts';
import { escapedPem, keyForms, passPhrase, plainPem, rsaKey } from './keys.ts';

interface Vector {
  name: string;
  method: string;
  url: string;
  body?: string;
  headersSent: Record<string, string>;
  signedHeaders: string;
  signingString: string;
  signature: string;
  authorization: string;
}
const facts = JSON.parse(readFileSync(new URL('signing-vectors.json', import.meta.url), 'utf8')) as {
  publicKeyPem: string;
  fingerprint: string;
  vectors: Vector[];
};

const requestOf = ({ method, url, body }: Pick<Vector, 'method' | 'url' | 'body'>): UpstreamRequest => {
  const { pathname, search } = new URL(url);
  const headers = body === undefined ? [] : ['content-type', 'application/json'];
  return { method, path: pathname + search, headers, body };
};
const headersOf = ({ headers }: UpstreamRequest): Map<string, string> => {
  const pairs = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) pairs.set(headers[at]!, headers[at + 1]!);
  return pairs;
};

describe('what is signed', () => {
  it('has the fingerprint of a known key', () => {
    const key = createPublicKey(facts.publicKeyPem);
    const hash = createHash('md5')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex');
    expect(fingerprintOf(rsaKey)).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(facts.fingerprint.replaceAll(':', '')).toBe(hash);
  });

  it.each(facts.vectors)('is byte for byte what Oracle’s signer signed: $name', (vector) => {
    const [dateHeader] = vector.signedHeaders.split(' ') as [DateHeader];
    const { host } = new URL(vector.url);
    const lines = signedLines(requestOf(vector), host, vector.headersSent[dateHeader]!, dateHeader);
    expect(lines.map(([name]) => name).join(' ')).toBe(vector.signedHeaders);
    expect(signingString(lines)).toBe(vector.signingString);
    const signature = Buffer.from(vector.signature, 'base64');
    expect(verify('sha256', Buffer.from(signingString(lines)), facts.publicKeyPem, signature)).toBe(true);
  });
});

const tenancy = 'ocid1.tenancy.oc1..aaaatest';
const user = 'ocid1.user.oc1..aaaatest';
const keyId = `${tenancy}/${user}/${fingerprintOf(rsaKey)}`;
const nowMs = Date.UTC(2023, 0, 5, 21, 31, 40);
const origin = 'https://inference.generativeai.us-chicago-1.oci.oraclecloud.com';
const calls: readonly (readonly [name: string, method: string, path: string, body: string | undefined])[] = [
  ['a chat', 'POST', '/20231130/actions/chat', '{"message":"Grüße — 你好 🙂"}'],
  ['an empty body', 'POST', '/20231130/actions/chat', undefined],
  ['a list', 'GET', '/20231130/models?compartmentId=ocid1.compartment.oc1..x&page=AbC%2B%2Fd%3D%3D', undefined],
];
/** Private, but what Python's SDK signs differs in nothing else. */
const signerClass = DefaultRequestSigner as unknown as { headersToSign: string[] };
const stockList = signerClass.headersToSign;

/** Oracle's own signer; `dateHeader` overrides the one that its list begins with. */
async function signedByOracle(pem: string, pass: string | null, call: (typeof calls)[number], dateHeader: DateHeader) {
  signerClass.headersToSign = [dateHeader, '(request-target)', 'host'];
  const provider = new SimpleAuthenticationDetailsProvider(tenancy, user, fingerprintOf(rsaKey), pem, pass);
  const [, method, path, body] = call;
  const headers = new Headers({ [dateHeader]: new Date(nowMs).toUTCString() });
  const request = { method, uri: origin + path, headers, ...(body === undefined ? {} : { body }) };
  await new DefaultRequestSigner(provider).signHttpRequest(request as never);
  return headers;
}

describe('the signer beside Oracle’s own', () => {
  afterEach(() => {
    signerClass.headersToSign = stockList;
  });

  const cases = keyForms.flatMap((form) => (['x-date', 'date'] as const).map((date) => [form[0], date, form] as const));
  it.each(cases)('signs the same with %s and %s', async (_name, dateHeader, [, pem, isEncrypted]) => {
    const pass = isEncrypted ? passPhrase : null;
    const secret = pass === null ? undefined : new Secret(pass);
    const signer = new RequestSigner(keyId, readSigningKey(pem, { field: 'key_content' }, secret), dateHeader);
    for (const call of calls) {
      const [, method, path, body] = call;
      const signed = signer.sign({ method, path, headers: [], body }, origin, nowMs);
      const ours = headersOf(signed);
      const theirs = await signedByOracle(pem, pass, call, dateHeader);
      for (const name of ['authorization', 'content-length', 'content-type', 'x-content-sha256', dateHeader])
        expect(ours.get(name), name).toBe(theirs.get(name) ?? undefined);
      expect(signed.body?.toString()).toBe(body);
    }
  });

  it('signs the same with line feeds written as backslash and n, which Oracle’s own refuses', async () => {
    const signer = new RequestSigner(keyId, readSigningKey(escapedPem, { field: 'key_content' }, undefined));
    const [call] = calls;
    const signed = signer.sign({ method: 'POST', path: call![2], headers: [], body: call![3] }, origin, nowMs);
    const theirs = await signedByOracle(plainPem, null, call!, 'x-date');
    expect(headersOf(signed).get('authorization')).toBe(theirs.get('authorization'));
  });

  it('keeps the content type that a request has', () => {
    const signer = new RequestSigner(keyId, rsaKey);
    const headers = ['content-type', 'application/octet-stream', 'accept', '*/*'];
    const signed = signer.sign({ method: 'PUT', path: '/x', headers, body: Buffer.from([1, 2]) }, origin, nowMs);
    expect(signed.headers.filter((each) => each === 'content-type')).toHaveLength(1);
    const lines = signedLines(
      { method: 'PUT', path: '/x', headers, body: Buffer.from([1, 2]) },
      new URL(origin).host,
      new Date(nowMs).toUTCString(),
      'x-date',
    );
    expect(lines).toContainEqual(['Content-Type', 'application/octet-stream']);
    const signature = /signature="([^"]+)"/.exec(headersOf(signed).get('authorization') ?? '')?.[1] ?? '';
    expect(
      verify(
        'sha256',
        Buffer.from(signingString(lines)),
        createPublicKey(createPrivateKey(plainPem)),
        Buffer.from(signature, 'base64'),
      ),
    ).toBe(true);
  });
});
