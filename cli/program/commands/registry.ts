import type { Command } from '../command.ts';
import { backup } from './backup.ts';
import { clusterNginx } from './cluster-nginx.ts';
import { clusterRemove } from './cluster-remove.ts';
import { clusterStatus } from './cluster-status.ts';
import { clusterUp } from './cluster-up.ts';
import { configShow } from './config-show.ts';
import { demo } from './demo.ts';
import { keyCommands } from './keys.ts';
import { login } from './login.ts';
import { priceCommands } from './prices.ts';
import { roleCommands } from './roles.ts';
import { start } from './start.ts';
import { traces } from './traces.ts';
import { usage } from './usage.ts';
import { userCommands } from './users.ts';
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
  ...userCommands,
  ...keyCommands,
  ...roleCommands,
  usage,
  traces,
  ...priceCommands,
  backup,
  configShow,
  version,
];

/** What `aiproxy` without a verb does. */
export const defaultCommand: Command = start;
