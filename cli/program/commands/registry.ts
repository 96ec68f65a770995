import type { Command } from '../command.ts';
import { clusterNginx } from './cluster-nginx.ts';
import { clusterRemove } from './cluster-remove.ts';
import { clusterStatus } from './cluster-status.ts';
import { clusterUp } from './cluster-up.ts';
import { configShow } from './config-show.ts';
import { demo } from './demo.ts';
import { login } from './login.ts';
import { start } from './start.ts';
import { version } from './version.ts';

/** Every verb, in the order of the help. */
export const commands: readonly Command[] = [
  start,
  demo,
  login,
  clusterStatus,
  clusterNginx,
  clusterUp,
  clusterRemove,
  configShow,
  version,
];

/** What `aiproxy` without a verb does. */
export const defaultCommand: Command = start;
