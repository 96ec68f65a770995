import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { Target } from './contract.ts';
import { fromRoot } from './programs.ts';

/** Kept apart from our dependencies: it is fetched only when it is asked for. */
const home = fromRoot('bench/out/portkey');
const version = '1.15.2';
const onLoopback = fromRoot('bench/programs/loopback-only.ts');
const program = `${home}/node_modules/@portkey-ai/gateway/build/start-server.js`;

/** Portkey's open-source gateway as its README starts it on Node. It trusts 127.0.0.1 as a custom host by default. */
export const portkey: Target = {
  name: 'portkey',
  summary: `@portkey-ai/gateway ${version} from npm`,
  translates: false,
  byDefault: false,
  missing: () => (existsSync(program) ? undefined : fetchFromNpm()),
  prepare: ({ port, upstreamPort, nodeFlags }) => ({
    command: [process.execPath, ...nodeFlags, '--import', onLoopback, program, '--headless', `--port=${port}`],
    env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
    headers: {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    },
    readyPath: '/',
  }),
};

function fetchFromNpm(): string | undefined {
  const args = ['install', '--prefix', home, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  try {
    execFileSync('npm', [...args, `@portkey-ai/gateway@${version}`], { stdio: 'ignore', timeout: 120_000 });
    return undefined;
  } catch (error) {
    return `npm could not fetch it: ${error instanceof Error ? error.message : String(error)}`;
  }
}
