import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../../../cli/program/demo/run-demo.ts';
import { tour } from '../../../../cli/program/demo/tour.ts';
import { createOutput } from '../../../../cli/program/output.ts';
import type { Terminal, TerminalSignal } from '../../../../cli/program/terminal.ts';

/** Folder for temporary files of this test alone. */
const folder = mkdtempSync(join(tmpdir(), 'aiproxy-test-'));
const usual = process.env['TMPDIR'];

/** A terminal in memory; `onText` is called after every write. */
function fakeTerminal(isTTY = false, env: Record<string, string> = {}) {
  let text = '';
  const listeners = new Map<TerminalSignal, () => void>();
  const heard: { onText: (text: string) => void } = { onText: () => undefined };
  const stream = {
    isTTY,
    write(written: string) {
      text += written;
      heard.onText(text);
    },
  };
  const terminal: Terminal = {
    env,
    cwd: '/',
    home: '/',
    stdout: stream,
    stderr: stream,
    onSignal: (signal, listener) => void listeners.set(signal, listener),
    offSignal: (signal) => void listeners.delete(signal),
  };
  return { terminal, heard, text: () => text, press: (signal: TerminalSignal) => listeners.get(signal)?.() };
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

  it('takes its tour, tells how to go on, and leaves nothing behind', async () => {
    const { terminal, text } = fakeTerminal();
    expect(await runDemo({ port: 0, isOnce: true, terminal })).toBe(0);
    expect(text()).toContain(`All ${tour.length} went as they should.`);
    expect(text()).toMatch(/curl -N http:\/\/127\.0\.0\.1:\d+\/v1\/messages/);
    expect(text()).toMatch(/ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+ ANTHROPIC_AUTH_TOKEN=sk-aiproxy-\S+ claude/);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync('/.aiproxy')).toBe(false);
  });

  it('takes a free port when its own is taken, and says so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { terminal, text } = fakeTerminal();
    expect(await runDemo({ port, isOnce: true, terminal })).toBe(0);
    expect(text()).toContain(`Port ${port} is taken`);
    expect(text()).not.toContain(`http://127.0.0.1:${port}`);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('stays up until it is told to stop', async () => {
    const { terminal, heard, press } = fakeTerminal();
    const seen: number[] = [];
    heard.onText = (text) => {
      if (!text.includes('Ctrl-C')) return;
      heard.onText = () => undefined;
      const url = /URL {2}(\S+)/.exec(text)?.[1] ?? '';
      // It still answers while it waits.
      void fetch(`${url}/health`).then((response) => {
        seen.push(response.status);
        press('SIGINT');
      });
    };
    expect(await runDemo({ port: 0, terminal })).toBe(0);
    expect(seen).toEqual([200]);
  });

  it('ends at once when it is told to in the middle of its tour', async () => {
    const { terminal, heard, text, press } = fakeTerminal();
    heard.onText = (written) => {
      if (written.includes('What the node does')) press('SIGTERM');
    };
    expect(await runDemo({ port: 0, terminal })).toBe(0);
    expect(text()).not.toContain('Your turn');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('uses colour at a terminal only, and never with NO_COLOR', async () => {
    const colourful = fakeTerminal(true);
    await runDemo({ port: 0, isOnce: true, terminal: colourful.terminal });
    expect(colourful.text()).toContain('\u001B[');
    const plain = fakeTerminal(true, { NO_COLOR: '1' });
    await runDemo({ port: 0, isOnce: true, terminal: plain.terminal });
    expect(plain.text()).not.toContain('\u001B[');
  });

  it('prints one JSON value when asked to', async () => {
    const { terminal, text } = fakeTerminal();
    await runDemo({ port: 0, isOnce: true, terminal, output: createOutput(terminal, true) });
    expect(JSON.parse(text())).toMatchObject({ failed: 0 });
  });
});
