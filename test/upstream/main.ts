/** Runs the upstream as a process of its own: `node test/upstream/main.ts [--port N]`. Prints one line of JSON when ready. */
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { start, upstreamKey } from './upstream.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const upstream = await start({ port: Number(values.port) });
const { url, port, openaiBaseUrl, anthropicBaseUrl } = upstream;
console.log(JSON.stringify({ url, port, openaiBaseUrl, anthropicBaseUrl, key: upstreamKey, pid: process.pid }));

const stop = (): void => {
  // The pipe from the parent would keep the process alive.
  process.stdin.destroy();
  void upstream.close();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
// Started by a program that may be killed: its closed pipe ends this process too. A terminal or /dev/null does not.
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) process.stdin.once('end', stop).resume();
