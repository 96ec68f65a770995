import { expect, it } from 'vitest';
import { isJsonObject } from '../../kit/json.ts';
import { runClaudeCode } from './claude-code.ts';
import { describeOtherProviders, describeTargets, type Target } from './targets.ts';

const limitMs = 90_000;

const run = (target: Target, prompt: string, args: string[] = [], files = {}) =>
  runClaudeCode(prompt, { baseUrl: target.rootUrl, token: target.key, model: target.model, args, files });

/** What the model was asked; a login looks its project up as well. */
const messagesSeen = ({ upstream }: Target) =>
  upstream.requests.filter(({ method, path }) => method === 'POST' && !path.includes(':loadCodeAssist'));

function itAnswers(target: () => Target): void {
  it('answers', { timeout: limitMs }, async () => {
    target().upstream.script('say=The%20lake%20is%20deep.');
    const { code, result, output } = await run(target(), 'How deep is the lake?');
    expect(code, output).toBe(0);
    expect(result).toMatchObject({ result: 'The lake is deep.', is_error: false, num_turns: 1 });
    expect(result?.usage.input_tokens).toBeGreaterThan(1000);
    expect(messagesSeen(target()).map((request) => request.status)).toEqual([200]);
  });
}

function itReadsFile(target: () => Target): void {
  it('reads a file with a tool and goes on', { timeout: limitMs }, async () => {
    target().upstream.script({
      calls: [{ name: 'Read', input: { file_path: 'note.txt' } }],
      callsOnce: true,
      thinking: true,
    });
    const { code, result, output } = await run(target(), 'What does the note say?', ['--allowedTools', 'Read'], {
      'note.txt': 'the word is heron\n',
    });
    expect(code, output).toBe(0);
    expect(result).toMatchObject({ is_error: false, num_turns: 2 });
    expect(result?.result).toContain('the word is heron');
    expect(messagesSeen(target()).map((request) => request.status)).toEqual([200, 200]);
  });
}

/** Turns of calls in a long conversation. */
const longTurns = 12;

function itTalksLong(target: () => Target): void {
  it('goes on for many turns, with thinking and two calls in each', { timeout: limitMs }, async () => {
    const call = (word: string) => ({
      name: 'Bash',
      input: { command: `echo ${word}-$((6*7))`, description: 'prints' },
    });
    const { upstream } = target();
    upstream.script('say=All%20of%20it%20is%20printed.');
    upstream.script({ calls: [call('heron'), call('otter')], thinking: true }, { times: longTurns });
    const { code, result, output } = await run(target(), 'Print it often', ['--allowedTools', 'Bash(echo:*)']);
    expect(code, output).toBe(0);
    expect(result).toMatchObject({ is_error: false, result: 'All of it is printed.' });
    const seen = messagesSeen(target());
    expect(seen.map((request) => request.status)).toEqual(Array.from({ length: longTurns + 1 }, () => 200));
    const history = String(seen.at(-1)?.body);
    for (const word of ['heron-42', 'otter-42'])
      expect(history.split(word).length - 1).toBeGreaterThanOrEqual(longTurns);
  });
}

describeOtherProviders('Claude Code', (target) => {
  itAnswers(target);
  itReadsFile(target);
  itTalksLong(target);
});

describeTargets(
  'Claude Code',
  'anthropic',
  (target) => {
    itAnswers(target);
    itReadsFile(target);
    itTalksLong(target);

    it('runs two commands at once', { timeout: limitMs }, async () => {
      const call = (command: string) => ({ name: 'Bash', input: { command, description: 'prints' } });
      target().upstream.script({
        calls: [call('echo heron-$((6*7))'), call('echo otter-$((5*5))')],
        callsOnce: true,
        interleaved: true,
      });
      const { code, result, output } = await run(target(), 'Print both', ['--allowedTools', 'Bash(echo:*)']);
      expect(code, output).toBe(0);
      expect(result?.result).toContain('heron-42');
      expect(result?.result).toContain('otter-25');
    });

    it('sees that the prompt is too long', { timeout: limitMs }, async () => {
      target().upstream.script('too-long');
      const { result, output } = await run(target(), 'How deep is the lake?');
      expect(result?.is_error, output).toBe(true);
      expect(result?.result).toMatch(/prompt is too long/i);
    });

    it('keeps its beta features where the account speaks its language', { timeout: limitMs }, async () => {
      // Does not apply: beta features are Anthropic's own.
      if (!target().model.startsWith('claude')) return;
      target().upstream.script('say=ok');
      await run(target(), 'Hello');
      const sent = messagesSeen(target()).at(-1);
      expect(sent?.headers['anthropic-beta']).toContain('claude-code-20250219');
      expect(isJsonObject(sent?.json) && 'context_management' in sent.json).toBe(true);
    });
  },
  'custom providers',
);
