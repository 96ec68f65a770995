import { describe, expect, it } from 'vitest';
import { complaintsAbout } from '../../../../cli/program/supervise/check-settings.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

describe('the check of the settings by another process', () => {
  it('is a complaint itself when no process can be started, as in a folder that is gone', async () => {
    const terminal = new RecordedTerminal('/a-folder-that-is-gone');
    expect(await complaintsAbout([], terminal)).toEqual([
      expect.stringMatching(/^the settings cannot be checked: .*ENOENT/),
    ]);
  });
});
