import { expect, it } from 'vitest';
import { TaggedLines } from '../../../../cli/program/supervise/tagged-lines.ts';

function lines() {
  let text = '';
  const tagged = new TaggedLines('2', (written) => (text += written));
  return { tagged, text: () => text };
}

it('puts the worker into JSON lines, and before others once the node listens', () => {
  const { tagged, text } = lines();
  tagged.add('port: wrong\n{"level":"info"}\n');
  tagged.isTagging = true;
  tagged.add('a plain line\n\n');
  expect(text()).toBe('port: wrong\n{"worker":"2","level":"info"}\n[2] a plain line\n\n');
});

it('waits for the end of a line, and writes what has none at the end', () => {
  const { tagged, text } = lines();
  tagged.add('{"a":');
  expect(text()).toBe('');
  tagged.add('1}\nrest');
  expect(text()).toBe('{"worker":"2","a":1}\n');
  tagged.end();
  expect(text()).toBe('{"worker":"2","a":1}\nrest\n');
});

it('holds no endless line', () => {
  const { tagged, text } = lines();
  tagged.add('x'.repeat(100_000));
  expect(text()).toHaveLength(100_001);
});
