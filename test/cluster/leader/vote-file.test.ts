import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VoteState } from '../../../cluster/leader/contract.ts';
import { readVoteFile, VoteFile } from '../../../cluster/leader/vote-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-vote-'));
  path = join(folder, 'vote.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const config = { clusterId: 'c1', term: 6, version: 3, voters: ['n1', 'n2'] };
const saved = (file: VoteFile, state: VoteState) =>
  new Promise<unknown>((resolve) => {
    file.save(state, resolve);
  });

describe('the file of a vote', () => {
  it('gives back what was saved last, whoever was in a hurry', async () => {
    const file = new VoteFile(path);
    const states = [1, 2, 3].map((term): VoteState => ({ term, votedFor: `n${term}`, config }));
    expect(await Promise.all(states.map((state) => saved(file, state)))).toEqual([undefined, undefined, undefined]);
    expect(await readVoteFile(path)).toEqual(states[2]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('holds a state on disk by the time its writer is told', async () => {
    const file = new VoteFile(path);
    await saved(file, { term: 7, votedFor: undefined, config: undefined });
    expect(await readVoteFile(path)).toEqual({ term: 7, votedFor: undefined, config: undefined });
    await saved(file, { term: 7, votedFor: 'n2', config: { ...config, version: 0 } });
    expect(await readVoteFile(path)).toEqual({ term: 7, votedFor: 'n2', config: { ...config, version: 0 } });
  });

  it('is nothing when it is not there', async () => {
    expect(await readVoteFile(path)).toBeUndefined();
  });

  it('says why a vote could not be kept', async () => {
    await writeFile(join(folder, 'plain'), '');
    const file = new VoteFile(join(folder, 'plain', 'vote.json'));
    expect(await saved(file, { term: 1, votedFor: undefined, config: undefined })).toBeInstanceOf(Error);
  });

  it.each([
    ['a part of it', '{"version":1,"term":'],
    ['another version', '{"version":2,"term":3}'],
    ['no term', '{"version":1}'],
    ['a vote that is no name', '{"version":1,"term":3,"votedFor":7}'],
    ['voters that are none', '{"version":1,"term":3,"config":{"clusterId":"c","term":1,"version":1,"voters":[]}}'],
    ['nothing', ''],
  ])('names itself when it holds %s', async (_what, text) => {
    await writeFile(path, text);
    await expect(readVoteFile(path)).rejects.toMatchObject({
      code: 'vote_file_unreadable',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});
