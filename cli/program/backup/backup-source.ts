import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isFault } from '../../../kit/fault.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { AdminClient } from '../admin/admin-client.ts';
import { adminFaults } from '../admin/faults.ts';

export type Part = 'records' | 'usage';

/** Where copies come from: a node that runs, or the folder of one that does not. */
export interface BackupSource {
  /** For people: an address or a folder. */
  readonly name: string;
  /**
   * Copies one database into a folder, under the path that it has in a data folder, and answers the node's name; undefined
   * where the node has none: a database server has it, or it was never written.
   */
  copy(part: Part, folder: string): Promise<string | undefined>;
}

/** A node's name becomes a folder's: one of another's choosing must not lead elsewhere. */
const nodeName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

export function fileOf(folder: string, node: string, name: string): string {
  return join(folder, 'nodes', node, name);
}

export function runningNode(client: AdminClient): BackupSource {
  return {
    name: client.url,
    async copy(part, folder) {
      try {
        return await client.download(`/admin/backup?part=${part}`, (answer) => keep(answer, part, folder));
      } catch (error) {
        if (isFault(error) && error.cause === 'backup_elsewhere') return undefined;
        throw error;
      }
    },
  };
}

async function keep(answer: IncomingMessage, part: Part, folder: string): Promise<string> {
  const node = decodeURIComponent(String(answer.headers['x-aiproxy-node'] ?? ''));
  if (!nodeName.test(node)) throw adminFaults.answer_unreadable('what answers is no aiproxy node: it has no name');
  const { makePrivateFile } = await import('../../../node/store/database-file.ts');
  const path = fileOf(folder, node, `${part}.sqlite`);
  makePrivateFile(path);
  const file = await open(path, 'r+');
  await pipeline(answer, file.createWriteStream({ flush: true }));
  return node;
}

/** The folder of a node that does not run; throws `backup_nothing` where there is none. */
export function stoppedNode({ data_dir, store }: Settings, node: string): BackupSource {
  const name = join(data_dir, 'nodes', node);
  if (!existsSync(join(name, 'records.sqlite'))) {
    throw adminFaults.backup_nothing(
      `no node answers, and ${name} holds no records; name a node with --url or --node-id`,
    );
  }
  return {
    name,
    async copy(part, folder) {
      const path = fileOf(data_dir, node, `${part}.sqlite`);
      if (part === 'usage' && (store.kind !== 'sqlite' || !existsSync(path))) return undefined;
      const { backUpFile } = await import('../../../node/store/back-up-file.ts');
      await backUpFile(path, fileOf(folder, node, `${part}.sqlite`));
      return node;
    },
  };
}
