import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceOf } from '../../../node/http/memory-usage.ts';
import { consoleRig, type ConsoleRig } from './console-rig.ts';

let rig: ConsoleRig;
beforeEach(async () => {
  rig = await consoleRig();
});
afterEach(() => rig.stop());

const at = Date.parse('2030-05-20T10:00:00Z');
const day = ['--from', '2030-05-20', '--to', '2030-05-21'];

function had(count: number, fields: Partial<Parameters<typeof traceOf>[0]> = {}): void {
  for (let index = 0; index < count; index++) {
    const requestId = `r${String(rig.node.usage.all.length).padStart(4, '0')}`;
    rig.node.usage.all.push(traceOf({ requestId, startedAtMs: at, ...fields }));
  }
}

describe('usage', () => {
  it('is a table with a total for each currency', async () => {
    had(3, { modelServed: 'gpt-4o', costNano: 1_500_000_000 });
    had(1, { modelServed: 'llama', costNano: undefined, currency: undefined, status: 502 });
    const { code, out } = await rig.run(['usage', '--by', 'model', ...day]);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      '2030-05-20 00:00:00Z to 2030-05-21 00:00:00Z',
      'MODEL REQUESTS ERRORS PROMPT COMPLETION CACHE WRITE CACHE READ COST',
      'gpt-4o 3 0 30 15 0 0 4.5 USD',
      'llama 1 1 10 5 0 0',
      'total USD 3 0 30 15 0 0 4.5 USD',
      'total without a price 1 1 10 5 0 0',
      '',
    ]);
  });

  it('is handed on with --json and --csv, and says who is missing on stderr', async () => {
    had(1);
    rig.node.usage.missing = ['node3'];
    const json = await rig.json(['usage', ...day, '--key', 'k1']);
    expect(json).toMatchObject({ group_by: 'day', rows: [{ group: '2030-05-20' }], missing_nodes: ['node3'] });
    const csv = await rig.run(['usage', ...day, '--csv']);
    expect(csv.out).toBe(
      await (await rig.node.get('/usage?format=csv&from=2030-05-20&to=2030-05-21')).text().then(lines),
    );
    expect(csv.err).toBe('without what node3 has: no answer came from there\n');
    const table = await rig.run(['usage', ...day]);
    expect(table.err).toBe(csv.err);
  });

  it('reads times as people say them, and lets the node judge the rest', async () => {
    await rig.run(['usage', '--from', '7d']);
    const { fromMs = 0, toMs = 0 } = rig.node.usage.asked.at(-1) ?? {};
    expect(Math.round((toMs - fromMs) / 86_400_000)).toBe(7);
    expect(await rig.run(['usage', '--from', 'yesterday'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('from: must be ISO 8601'),
    });
    expect(await rig.run(['usage', ...day])).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing was used'),
    });
  });
});

describe('traces', () => {
  it('are the latest, as many as are asked for, over many pages', async () => {
    had(1_203);
    const { traces } = (await rig.json(['traces', '--limit', '1200', ...day])) as { traces: { request_id: string }[] };
    expect(traces.map((trace) => trace.request_id)).toEqual(
      rig.node.usage.all
        .map(({ requestId }) => requestId)
        .toReversed()
        .slice(0, 1_200),
    );
    const { out } = await rig.run(['traces', ...day]);
    expect(out.trimEnd().split('\n')).toHaveLength(51);
  });

  it('show status, tokens and cost, and mark estimates', async () => {
    had(1, { status: 429, errorCode: 'rate_limited', usageEstimated: true, cacheReadTokens: 7, costNano: 2_000_000 });
    const { out } = await rig.run(['traces', '--status', '4xx', ...day]);
    expect(out).toMatch(/^2030-05-20 10:00:00Z +429 rate_limited +m +k1 +a1 +~17 +~5 +0\.002 USD +100 ms +r0000$/m);
    expect((await rig.run(['traces', '--status', '200', ...day])).out).toBe('no requests\n');
  });

  it('show one with its prompt, and nothing of it moves the cursor', async () => {
    had(1, { clientRequestId: '\u001B[2J' });
    rig.node.usage.prompts.set('r0000', { prompt: 'line 1\nline \u001B[31m2', answer: 'ok' });
    const { out } = await rig.run(['traces', 'r0000']);
    expect(out).toMatch(/^request_id +r0000$/m);
    expect(out).toContain(String.raw`\u001b[2J`);
    expect(out).toContain(`prompt\nline 1\nline ${String.raw`\u001b`}[31m2\n`);
    expect(out).not.toContain('\u001B');
    const unknown = await rig.run(['traces', 'nope']);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('there is no trace of "nope"')]);
  });

  it.each(['0', '1.5', 'x', '100001'])('refuse a limit of %s', async (limit) => {
    expect((await rig.run(['traces', '--limit', limit])).code).toBe(2);
  });
});

describe('prices', () => {
  it('are set, listed with their versions, and taken away', async () => {
    const set = ['prices', 'set', 'meta/llama 3', '--prompt', '0.15', '--completion', '0.6', '--cache-read', '0'];
    expect((await rig.run(set)).out).toMatch(/^meta\/llama 3 +0\.15 +0\.6 +0 +USD +1000000 +1 /m);
    await rig.run(['prices', 'set', 'meta/llama 3', '--prompt', '1', '--per', '1000', '--currency', 'EUR']);
    expect((await rig.json(['prices', 'list']))['prices']).toMatchObject([{ prompt: 1, currency: 'EUR' }]);
    const history = (await rig.run(['prices', 'list', 'meta/llama 3'])).out.trimEnd().split('\n');
    expect(history).toHaveLength(3);
    expect((await rig.run(['prices', 'remove', 'meta/llama 3'])).code).toBe(0);
    expect((await rig.run(['prices', 'list'])).out).toContain('no prices');
    expect((await rig.run(['prices', 'set', 'm'])).err).toContain('give at least one of prompt');
    expect((await rig.run(['prices', 'set', 'm', '--prompt', 'x'])).code).toBe(2);
  });
});

function lines(csv: string): string {
  return `${csv.trimEnd()}\n`;
}
