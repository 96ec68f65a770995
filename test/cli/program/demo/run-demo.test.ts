import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runDemo } from '../../../../cli/program/demo/run-demo.ts';
import { createOutput } from '../../../../cli/program/output.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

// Three processes take seconds to start, and many where the machine has other things to do.
vi.setConfig({ testTimeout: 300_000 });

/** Folder for temporary files of this test alone. */
const folder = mkdtempSync(join(tmpdir(), 'aiproxy-test-'));
const usual = process.env['TMPDIR'];

interface Facts {
  url: string;
  nginx: boolean;
  failed: number;
  nodes: { node_id: string; url: string }[];
  steps: { title: string; ok: boolean; took_ms: number; text: string; facts: Record<string, unknown> }[];
}

describe('the demo', () => {
  beforeAll(() => {
    process.env['TMPDIR'] = folder;
  });
  afterAll(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows without nginx what a mesh does, as one JSON value, beside a taken port, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const terminal = new RecordedTerminal();
    const output = createOutput(terminal, true);
    const code = await runDemo({ port, isNginxWanted: false, isOnce: true, terminal, output });
    taken.close();
    const facts = JSON.parse(terminal.stdout.text) as Facts;
    expect(facts.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect({ code, failed: facts.failed, nginx: facts.nginx }).toEqual({ code: 0, failed: 0, nginx: false });
    expect(facts.url).toBe(facts.nodes[0]?.url);
    expect(facts.url).not.toBe(`http://127.0.0.1:${port}`);
    const factsOf = (title: string) => facts.steps.find((step) => step.title === title)?.facts;
    expect(Object.keys(factsOf('Breaker')?.['after_ms'] ?? {})).toEqual(['node2', 'node3']);
    expect(factsOf('Cache, cleared')).toEqual({ before: ['hit', 'hit'], after: ['miss', 'miss'] });
    expect(factsOf('Account, disabled')).toEqual({ disabled: [503, 503, 503], enabled: [200, 200, 200] });
    expect(factsOf('Key, with a limit')).toMatchObject({ limit: 6, admitted: 6, revoked: [401, 401, 401] });
    expect(factsOf('New leader')?.['leader']).not.toBe(factsOf('Leader killed')?.['killed']);
    expect(factsOf('Requests meanwhile')).toMatchObject({ failed: 0 });
    expect(factsOf('Back again')).toEqual({});
    expect(readdirSync(folder)).toEqual([]);
    expect(terminal.listenerCount).toBe(0);
  });

  it('ends at once when it is told to while its nodes start', async () => {
    const terminal = new RecordedTerminal();
    const write = terminal.stdout.write.bind(terminal.stdout);
    terminal.stdout.write = (text) => {
      write(text);
      // The nodes are started in the same turn of the loop, after this line.
      if (text.startsWith('The mesh')) setImmediate(() => terminal.send('SIGTERM'));
    };
    expect(await runDemo({ port: 0, isOnce: true, terminal })).toBe(0);
    expect(terminal.stdout.text).not.toContain('Your turn');
    expect(terminal.stdout.text).not.toContain('ok Started');
    expect(readdirSync(folder)).toEqual([]);
  });
});
