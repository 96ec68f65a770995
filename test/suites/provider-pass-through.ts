import { describe, expect, it } from 'vitest';
import type { ProtocolId } from '../../node/protocols/contract.ts';
import { upstreamKey } from '../upstream/upstream.ts';
import type { ProviderBench } from './provider.ts';

/** Odd spacing and an escaped letter show whether a body was rebuilt. */
const bodies: Record<ProtocolId, (model: string, isStream: boolean) => string> = {
  anthropic: (model, isStream) =>
    `{ "model":"${model}",  "max_tokens":50,"stream":${isStream}, "messages":[{"role":"user","content":"pass \\u0074hrough"}] }`,
  'openai-chat': (model, isStream) =>
    `{ "model":"${model}", "stream":${isStream},  "messages":[{"role":"user","content":"pass \\u0074hrough"}] }`,
  'openai-responses': (model, isStream) =>
    `{ "model":"${model}",  "stream":${isStream}, "input":"pass \\u0074hrough" }`,
  gemini: () => '{ "contents":[{"role":"user","parts":[{"text":"pass \\u0074hrough"}]}] }',
};
const protocols = Object.keys(bodies) as ProtocolId[];

/** Headers that say something about whoever sends. */
const revealing = /^(x-forwarded|forwarded|via|x-real|cookie|origin|referer|cf-|true-client)/;

/** Same protocol on both sides: bytes in, bytes out; and what the upstream learns of the client. */
export function testPassThrough<Credential>({ subject, drive, scripted }: ProviderBench<Credential>): void {
  const send = (protocol: ProtocolId, isStream: boolean) => {
    const driven = drive();
    const body = Buffer.from(bodies[protocol](subject.model, isStream));
    const call = {
      body,
      model: subject.model,
      stream: isStream,
      protocolHeaders: protocol === 'anthropic' ? ['anthropic-beta', 'context-1m-2025-08-07'] : [],
    };
    return { driven, body, sent: driven.upstream.passThrough(protocol, 'generate', call) };
  };

  describe('pass through', () => {
    it.for(protocols)('sends the bytes of %s as they came where it speaks it', async (protocol) => {
      // Does not apply: another protocol.
      if (!drive().upstream.speaks(protocol, 'generate')) return;
      for (const isStream of [false, true]) {
        const { driven, body, sent } = send(protocol, isStream);
        const answer = await driven.send(sent);
        expect(answer.status).toBe(200);
        const sentBody = scripted().requests.at(-1)?.body ?? Buffer.of();
        // In an envelope the client's object is a member.
        const isEnveloped = driven.upstream.openUnwrapper !== undefined;
        if (isEnveloped)
          expect(JSON.parse(sentBody.toString())).toMatchObject({ request: JSON.parse(body.toString()) });
        else expect(sentBody.equals(body)).toBe(true);
        expect(Buffer.concat(answer.chunks).toString()).toMatch(/pass thr/);
      }
    });

    it('shows the upstream its own credential and nothing of the client', async () => {
      const spoken = protocols.filter((id) => drive().upstream.speaks(id, 'generate'));
      // Does not apply: translates every protocol.
      if (spoken.length === 0) return;
      for (const protocol of spoken) {
        const { driven, sent } = send(protocol, false);
        await driven.send(sent);
        const request = scripted().requests.at(-1);
        expect(request?.key).toBe(upstreamKey);
        expect(Object.keys(request?.headers ?? {}).filter((name) => revealing.test(name))).toEqual([]);
      }
    });

    it('keeps the headers that belong to the protocol', async () => {
      // Does not apply: another protocol.
      if (!drive().upstream.speaks('anthropic', 'generate')) return;
      const { driven, sent } = send('anthropic', false);
      await driven.send(sent);
      expect(scripted().requests.at(-1)?.headers['anthropic-beta']).toContain('context-1m-2025-08-07');
    });

    it('replaces the credential on the transparent route and lets the rest through', async () => {
      const driven = drive();
      const { path } = driven.upstream.probe(undefined);
      const [pathname = '/'] = path.split('?');
      const transparent = driven.upstream.transparent({
        method: 'GET',
        path: `${pathname}?limit=3`,
        headers: [
          'authorization',
          'Bearer client-secret',
          'x-api-key',
          'client-secret',
          'cookie',
          'a=b',
          'x-custom',
          'kept',
        ],
        body: undefined,
      });
      await driven.send(transparent);
      const request = scripted().requests.at(-1);
      expect(request?.key).toBe(upstreamKey);
      expect(JSON.stringify(request?.rawHeaders)).not.toContain('client-secret');
      expect(request?.headers['cookie']).toBeUndefined();
      expect(request?.path).toContain('limit=3');
    });
  });
}
