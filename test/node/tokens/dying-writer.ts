/**
 * Writes a token and dies by SIGKILL at one step of it: `node dying-writer.ts FOLDER STEP before|after`. What dies is a
 * process of its own, so that nothing it meant to do later is done.
 */
import * as disk from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { type AtomicFileSystem, writeFileAtomic } from '../../../kit/atomic-file.ts';
import { silentLog } from '../../../kit/log.ts';
import { TokenFolder } from '../../../node/tokens/token-folder.ts';
import { tokenOf } from './written-token.ts';

const [folder = '', deadlyStep = '', moment = ''] = process.argv.slice(2);

async function around<Value>(step: string, act: () => Promise<Value>): Promise<Value> {
  if (step === deadlyStep && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const value = await act();
  if (step === deadlyStep && moment === 'after') process.kill(process.pid, 'SIGKILL');
  return value;
}

/** The handle of the temporary file, or that of its folder. */
function watched(file: FileHandle, what: 'file' | 'folder'): FileHandle {
  const act = (name: string, call: () => Promise<void>) => around(what === 'file' ? name : `${name} folder`, call);
  return {
    writeFile: async (text: string) => {
      await act('half', () => file.write(text.slice(0, text.length / 2)).then(() => undefined));
      await act('write', () => file.write(text.slice(text.length / 2)).then(() => undefined));
    },
    chmod: (mode: number) => act('chmod', () => file.chmod(mode)),
    sync: () => act('sync', () => file.sync()),
    close: () => act('close', () => file.close()),
  } as unknown as FileHandle;
}

const fileSystem: AtomicFileSystem = {
  ...disk,
  mkdir: ((path: string, options: object) => around('mkdir', () => disk.mkdir(path, options))) as typeof disk.mkdir,
  open: (path, flags, mode) => {
    const what = flags === 'r' ? 'folder' : 'file';
    return around(what === 'file' ? 'open' : 'open folder', async () =>
      watched(await disk.open(path, flags, mode), what),
    );
  },
  rename: (from, to) => around('rename', () => disk.rename(from, to)),
};

const tokens = new TokenFolder({
  dataDir: folder,
  home: folder,
  log: silentLog,
  write: (path, text) => writeFileAtomic(path, text, { fileSystem }),
});
await tokens.write({ accountId: 'k1', homeFolder: undefined }, tokenOf(2));
process.stdout.write('written');
