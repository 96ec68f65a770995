import { expect, it } from 'vitest';
import { SilentPost } from '../../cluster/silent-post.ts';
import { readSources } from '../tidy/source-files.ts';

it('reaches nobody', () => {
  const post = new SilentPost('n1');
  const answers: unknown[] = [];
  post.ask('n2', 'any', 1, 100, (answer) => answers.push(answer));
  expect(post.reachable()).toEqual([]);
  expect([post.isReachable(), post.send(), post.broadcast()]).toEqual([false, false, 0]);
  expect(answers).toEqual([undefined]);
});

it('loads nothing', () => {
  const source = readSources(['cluster']).find(({ path }) => path === 'cluster/silent-post.ts');
  expect(source?.lines.filter((line) => /^import (?!type )/.test(line))).toEqual([]);
});
