import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyWriter, isGzipped } from './body-writer.ts';
import type { Script } from './script.ts';
import type { StreamTraits, WireAnswer, WireEvent } from './wire-event.ts';

/** Sends a complete answer or a refusal, with the script's misfortunes. */
export async function deliverAnswer(response: ServerResponse, answer: WireAnswer, script: Script): Promise<void> {
  if (!(await begin(response, answer.status, answer.headers, script, Buffer.byteLength(answer.body)))) return;
  const writer = new BodyWriter(response, script);
  await writer.write(answer.body);
  await writer.end();
}

/** Sends a streamed answer, with the script's misfortunes. Tells how many content events went out. */
export async function deliverStream(
  response: ServerResponse,
  headers: Record<string, string>,
  events: Iterable<WireEvent>,
  traits: StreamTraits,
  script: Script,
): Promise<number> {
  if (!(await begin(response, 200, headers, script, undefined))) return 0;
  const writer = new BodyWriter(response, script);
  const write = traits.frame ?? frame;
  let contentEvents = 0;
  for (const event of events) {
    if (writer.isOver) return contentEvents;
    if (isErrorDue(event, contentEvents, script)) {
      await writer.write(write(traits.errorEvent));
      break;
    }
    if (event.kind !== 'frame' && contentEvents >= (script.stallAfterEvents ?? Infinity)) return contentEvents;
    if (isTruncatedAt(event, contentEvents, script)) {
      if (traits.cutsInside) await writer.write(firstHalf(write(event)));
      break;
    }
    if (script.chatter) await writer.write(traits.chatter);
    await writer.write(write(event));
    if (event.kind === 'content') contentEvents++;
    if (script.perEventMs !== undefined) await sleep(script.perEventMs);
  }
  await writer.end();
  return contentEvents;
}

function isErrorDue(event: WireEvent, contentEvents: number, script: Script): boolean {
  if (script.errorEventAfter === undefined) return false;
  return event.kind !== 'frame' && (contentEvents >= script.errorEventAfter || event.kind === 'terminal');
}

function isTruncatedAt(event: WireEvent, contentEvents: number, script: Script): boolean {
  if (script.truncateAfterEvents === undefined) return false;
  return event.kind === 'terminal' || (event.kind === 'content' && contentEvents >= script.truncateAfterEvents);
}

const firstHalf = (event: string | Buffer): string | Buffer => event.slice(0, Math.ceil(event.length / 2));

/** Sends status and headers. False when nothing more is to come. */
async function begin(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  script: Script,
  length: number | undefined,
): Promise<boolean> {
  if (script.delayMs !== undefined) await sleep(script.delayMs);
  if (script.silent === 'all' || response.destroyed) return false;
  const isZipped = isGzipped(response, script);
  const extra: Record<string, string> = isZipped ? { 'content-encoding': 'gzip' } : {};
  if (length !== undefined && !isZipped) extra['content-length'] = String(length);
  if (script.contentType !== undefined) extra['content-type'] = script.contentType;
  response.writeHead(status, { ...headers, ...extra });
  if (script.silent !== 'headers') return true;
  response.flushHeaders();
  return false;
}

/** Server-sent event text. */
export function frame(event: WireEvent): string {
  return event.name === undefined ? `data: ${event.data}\n\n` : `event: ${event.name}\ndata: ${event.data}\n\n`;
}
