import { expect, it } from 'vitest';
import { isJsonObject } from '../../kit/json.ts';
import { runClaudeCode } from './claude-code.ts';
import { describeTargets } from './targets.ts';

const limitMs = 90_000;

describeTargets('Claude Code', 'anthropic', (target) => {
  const run = (prompt: string, args: string[] = [], files = {}) =>
    runClaudeCode(prompt, { baseUrl: target().rootUrl, token: target().key, model: target().model, args, files });
  const messagesSeen = () => target().upstream.requests.filter((request) => request.method === 'POST');

  it('answers', { timeout: limitMs }, async () => {
    target().upstream.script('say=The%20lake%20is%20deep.');
    const { code, result, output } = await run('How deep is the lake?');
    expect(code, output).toBe(0);
    expect(result).toMatchObject({ result: 'The lake is deep.', is_error: false, num_turns: 1 });
    expect(result?.usage.input_tokens).toBeGreaterThan(1000);
    expect(messagesSeen().map((request) => request.status)).toEqual([200]);
  });

  it('reads a file with a tool and goes on', { timeout: limitMs }, async () => {
    target().upstream.script({
      calls: [{ name: 'Read', input: { file_path: 'note.txt' } }],
      callsOnce: true,
      thinking: true,
    });
    const { code, result, output } = await run('What does the note say?', ['--allowedTools', 'Read'], {
      'note.txt': 'the word is heron\n',
    });
    expect(code, output).toBe(0);
    expect(result).toMatchObject({ is_error: false, num_turns: 2 });
    expect(result?.result).toContain('the word is heron');
    expect(messagesSeen().map((request) => request.status)).toEqual([200, 200]);
  });

  it('runs two commands at once', { timeout: limitMs }, async () => {
    const call = (command: string) => ({ name: 'Bash', input: { command, description: 'prints' } });
    target().upstream.script({
      calls: [call('echo heron-$((6*7))'), call('echo otter-$((5*5))')],
      callsOnce: true,
      interleaved: true,
    });
    const { code, result, output } = await run('Print both', ['--allowedTools', 'Bash(echo:*)']);
    expect(code, output).toBe(0);
    expect(result?.result).toContain('heron-42');
    expect(result?.result).toContain('otter-25');
  });

  it('sees that the prompt is too long', { timeout: limitMs }, async () => {
    target().upstream.script('too-long');
    const { result, output } = await run('How deep is the lake?');
    expect(result?.is_error, output).toBe(true);
    expect(result?.result).toMatch(/prompt is too long/i);
  });

  it('keeps its beta features where the account speaks its language', { timeout: limitMs }, async () => {
    // Does not apply: beta features are Anthropic's own.
    if (!target().model.startsWith('claude')) return;
    target().upstream.script('say=ok');
    await run('Hello');
    const sent = messagesSeen().at(-1);
    expect(sent?.headers['anthropic-beta']).toContain('claude-code-20250219');
    expect(isJsonObject(sent?.json) && 'context_management' in sent.json).toBe(true);
  });
});
