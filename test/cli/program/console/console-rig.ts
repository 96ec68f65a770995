import { dispatch } from '../../../../cli/program/dispatch.ts';
import { Folder } from '../../../node/config/folder.ts';
import { adminKey, startNode, type NodeUnderTest } from '../../../node/http/node-under-test.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';
import { type Ran, runProgram } from '../../run-program.ts';

/** A node over HTTP, and the command line that calls it. */
export interface ConsoleRig {
  readonly node: NodeUnderTest;
  /** Runs a verb within this process, as the admin. `answers`: what a person types, unseen. */
  run(args: readonly string[], answers?: readonly string[]): Promise<Ran & { questions: string[] }>;
  /** The same with `--json`, read. */
  json(args: readonly string[]): Promise<Record<string, unknown>>;
  /** Runs the program as people do: a process of its own. */
  spawn(args: readonly string[], input?: string, env?: Record<string, string>): Promise<Ran>;
  stop(): Promise<void>;
}

export async function consoleRig(): Promise<ConsoleRig> {
  const node = await startNode();
  const folder = await Folder.create();
  const given = ['--url', node.url, '--api-key', adminKey];
  const run: ConsoleRig['run'] = async (args, answers) => {
    const terminal = new RecordedTerminal(folder.cwd, folder.home, {});
    const questions: string[] = [];
    const left = [...(answers ?? [])];
    const askHidden = async (question: string) => {
      questions.push(question);
      return left.shift() ?? '';
    };
    if (answers !== undefined) Object.assign(terminal, { askHidden });
    const code = await dispatch([...args, ...given], terminal);
    return { code, out: terminal.stdout.text, err: terminal.stderr.text, questions };
  };
  return {
    node,
    run,
    async json(args) {
      const { out, err } = await run([...args, '--json']);
      if (out === '') throw new Error(err);
      return JSON.parse(out) as Record<string, unknown>;
    },
    spawn: (args, input = '', env = {}) =>
      runProgram(args, { cwd: folder.cwd, home: folder.home, input, env: { ...keyOf(node), ...env } }),
    async stop() {
      await node.server.stop();
      await folder.remove();
    },
  };
}

/** How a process finds the node without flags. */
function keyOf(node: NodeUnderTest): Record<string, string> {
  return { AIPROXY_API_KEY: adminKey, AIPROXY_PORT: String(node.port) };
}
