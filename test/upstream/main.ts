/** Runs the upstream as a process of its own: `node test/upstream/main.ts [--port N]`. Prints one line of JSON when ready. */
import { parseArgs } from 'node:util';
import { start, upstreamKey } from './upstream.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const upstream = await start({ port: Number(values.port) });
const { url, port, openaiBaseUrl, anthropicBaseUrl } = upstream;
console.log(JSON.stringify({ url, port, openaiBaseUrl, anthropicBaseUrl, key: upstreamKey, pid: process.pid }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void upstream.close());
// Started by a program that may be killed: its closed pipe ends this process too.
process.stdin.on('end', () => void upstream.close()).resume();
