import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { start, type Upstream, upstreamKey } from './upstream.ts';

describe('how the scripted upstream delivers', () => {
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await start();
  });
  beforeEach(() => upstream.clear());
  afterAll(() => upstream.close());

  const ask = (model: string, more: RequestInit = {}) =>
    fetch(`${upstream.openaiBaseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${upstreamKey}` },
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hello' }] }),
      ...more,
    });
  /** What was read before the body ended or broke. */
  const read = async (model: string): Promise<{ text: string; broke: boolean }> => {
    let text = '';
    try {
      const response = await ask(model);
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('latin1');
    } catch {
      return { text, broke: true };
    }
    return { text, broke: false };
  };

  it.each([0, 1, 100, 700])('resets at byte %i', async (at) => {
    const { text, broke } = await read(`text=20,reset-at=${at}`);
    expect(broke).toBe(true);
    expect(text.length).toBeLessThanOrEqual(at);
    expect(upstream.totals.aborted).toBe(0);
  });

  it('cuts inside the HTTP body', async () => {
    expect(await read('text=20,cut-at=300')).toMatchObject({ broke: true });
  });

  it('ends the HTTP body properly without the terminal events', async () => {
    const { text, broke } = await read('text=3,truncate');
    expect(broke).toBe(false);
    expect(text).toContain('word2');
    expect(text).not.toContain('finish_reason":"stop');
    expect(text).not.toContain('[DONE]');
  });

  it('sends the same bytes in pieces, compressed, and at once', async () => {
    const strip = (text: string): string => text.replaceAll(/Scripted\d+|"created":\d+/g, '');
    const plain = strip((await read('text=5')).text.replaceAll('"model":"text=5"', ''));
    for (const script of ['text=5,pieces=1', 'text=5,gzip', 'text=5,coalesced']) {
      expect(strip((await read(script)).text.replaceAll(`"model":"${script}"`, ''))).toBe(plain);
    }
  });

  it('sends an error event inside the stream', async () => {
    const { text } = await read('text=5,error-after=2');
    expect(text).toContain('word1');
    expect(text).not.toContain('word2');
    expect(text).toContain('"error":{');
  });

  it('sees a client that gives up on silence', async () => {
    for (const script of ['silent', 'silent-headers', 'text=5,stall-after=2', 'endless,slow=1']) {
      const controller = new AbortController();
      const before = upstream.totals.aborted;
      const answer = ask(script, { signal: controller.signal }).then((response) => response.text());
      await upstream.until(({ totals }) => totals.inFlight === 1);
      controller.abort();
      await expect(answer).rejects.toThrow('aborted');
      await upstream.until(({ totals }) => totals.inFlight === 0 && totals.aborted === before + 1);
    }
  });

  it('records what reached it, and counts tokens', async () => {
    await (await ask('gpt-4o-mini')).text();
    const request = upstream.requests.at(-1);
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      key: upstreamKey,
      status: 200,
      aborted: false,
    });
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ model: 'gpt-4o-mini' });
    expect(upstream.totals.tokens.output).toBe(2);
  });

  it('takes a rule for the next requests of one key', async () => {
    upstream.script('500', { key: upstreamKey, times: 2 });
    const statuses: number[] = [];
    for (let round = 0; round < 3; round++) statuses.push((await ask('echo')).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  it.each(['bench-small', 'bench-100-events', 'bench-100-events-coalesced'])('has %s ready', async (model) => {
    const { text } = await read(model);
    expect(text.match(/"content":"[^"]/g)?.length).toBe(model === 'bench-small' ? 1 : 100);
    expect(text).toContain('[DONE]');
    expect(upstream.requests).toEqual([]);
    expect(upstream.totals.requests).toBe(1);
  });

  it('drops idle connections without notice', async () => {
    await (await ask('echo')).text();
    expect(upstream.totals.openConnections).toBeGreaterThan(0);
    upstream.dropIdleConnections();
    await upstream.until(({ totals }) => totals.openConnections === 0);
  });
});
