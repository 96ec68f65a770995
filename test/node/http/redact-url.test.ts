import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import { urlRedactor } from '../../../node/http/redact-url.ts';
import { startNode, type RunningNode } from '../../../node/main.ts';
import { Folder } from '../config/folder.ts';

describe('urlRedactor', () => {
  it.each([
    ['/a?key=s&b=1', '/a?key=[redacted]&b=1'],
    ['/a?b=1&TOKEN=s', '/a?b=1&TOKEN=[redacted]'],
    ['/a?team.key=s&teamXkey=open#f', '/a?team.key=[redacted]&teamXkey=open#f'],
    ['/a?monkey=1', '/a?monkey=1'],
    ['/key=s', '/key=s'],
  ])('%s', (url, fit) => {
    expect(urlRedactor(['team.key'])(url)).toBe(fit);
  });
});

describe('a node', () => {
  let folder: Folder | undefined;
  let node: RunningNode | undefined;
  afterEach(async () => {
    await node?.stop();
    await folder?.remove();
  });

  it('logs no key from a place of its own', async () => {
    folder = await Folder.create();
    const places = { default: { headers: [], query: ['team_key'] } };
    const { settings } = await folder.fileSettings(
      JSON.stringify({ api_key: 'k-1234567890', port: 0, data_dir: 'data', key_places: places }),
    );
    const lines: string[] = [];
    const note = (message: string, fields: object = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const log = { ...silentLog, level: 'debug' as const, debug: note, info: note, warn: note, error: note };
    node = await startNode(settings, { log });
    await (await fetch(`${node.url}/nowhere?team_key=hush-hush`, { headers: { connection: 'close' } })).text();
    await (
      await fetch(`${node.url}/openai-custom/v1/x?team_key=hush-hush`, { headers: { connection: 'close' } })
    ).text();
    await node.stop();
    expect(lines.some((line) => line.includes('team_key=[redacted]'))).toBe(true);
    expect(lines.filter((line) => line.includes('hush-hush'))).toEqual([]);
  });
});
