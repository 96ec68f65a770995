import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfiguration, type Configuration } from '../../../node/config/load.ts';

/** A working folder and a home, made for one test. */
export class Folder {
  readonly cwd: string;
  readonly home: string;

  constructor(root: string) {
    this.cwd = join(root, 'work');
    this.home = join(root, 'home');
  }

  static async create(): Promise<Folder> {
    const folder = new Folder(await mkdtemp(join(tmpdir(), 'aiproxy-config-')));
    await mkdir(folder.cwd);
    await mkdir(folder.home);
    return folder;
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.cwd, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  load(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Configuration> {
    return loadConfiguration({ args, env, cwd: this.cwd, home: this.home });
  }

  /** Settings that must load. */
  async settings(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const configuration = await this.load(args, env);
    if (!configuration.ok) throw new Error(configuration.errors.join('\n'));
    return configuration;
  }

  /** Errors of settings that must not load. */
  async errors(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const configuration = await this.load(args, env);
    if (configuration.ok) throw new Error('the settings loaded');
    return configuration.errors;
  }

  /** The same for the text of a file. */
  async fileErrors(text: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    await this.write('file', text);
    return this.errors(['--config', 'file'], env);
  }

  async fileSettings(text: string, env: Readonly<Record<string, string>> = {}) {
    await this.write('file', text);
    return this.settings(['--config', 'file'], env);
  }

  remove(): Promise<void> {
    return rm(dirname(this.cwd), { recursive: true, force: true });
  }
}
