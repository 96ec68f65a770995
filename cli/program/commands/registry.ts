import type { Command } from '../command.ts';
import { configShow } from './config-show.ts';
import { demo } from './demo.ts';
import { start } from './start.ts';
import { version } from './version.ts';

/** Every verb, in the order of the help. */
export const commands: readonly Command[] = [start, demo, configShow, version];

/** What `aiproxy` without a verb does. */
export const defaultCommand: Command = start;
