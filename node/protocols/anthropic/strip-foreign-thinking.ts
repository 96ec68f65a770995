/**
 * Thinking from other providers comes back from clients with our mark in its signature (`conversation/signature.ts`).
 * A real Anthropic upstream answers 400 to it, so these blocks are cut out of the request's bytes; everything else
 * stays as it is, down to the spacing.
 */
import { signatureMark } from '../../conversation/signature.ts';
import { eachElement } from '../../wire/json-read.ts';
import { JsonScanner } from '../../wire/json-scan.ts';
import { jsonKind } from '../../wire/json-tokens.ts';
import { applySplices, type Splice, stringMember } from '../request-scan.ts';

const markBytes = Buffer.from(`"${signatureMark}`);
const root = new JsonScanner(['messages', 'thinking']);
const message = new JsonScanner(['role', 'content']);
const block = new JsonScanner(['type', 'signature', 'data']);
const thinking = new JsonScanner(['type']);

/** The request without foreign thinking; nearly every request is handed back as it is, at the cost of one search. */
export function withoutForeignThinking(body: Buffer): Buffer {
  return applySplices(body, foreignThinking(body));
}

function foreignThinking(body: Buffer): Splice[] {
  if (!body.includes(markBytes) || !root.scan(body) || root.kind(0) !== jsonKind.array) return [];
  const splices: Splice[] = [];
  let lastAssistantBegins: string | undefined;
  const pieces: string[] = [];
  let isChanged = false;
  eachElement(body, root.start(0), (start, end) => {
    const kept = keptMessage(body, start, end);
    if (kept.begins !== undefined) lastAssistantBegins = kept.begins;
    if (kept.text !== undefined) isChanged = true;
    if (kept.text !== '') pieces.push(kept.text ?? body.toString('utf8', start, end));
    return true;
  });
  if (!isChanged) return [];
  splices.push({ start: root.start(0), end: root.end(0), text: `[${pieces.join(',')}]` });
  return lastAssistantBegins === 'thinking' ? splices : [...splices, ...withoutThinking(body)];
}

interface KeptMessage {
  /** The message's new text; '' when nothing is left of it; undefined when it stays as it is. */
  text: string | undefined;
  /** For an assistant's message: `thinking` when it begins with genuine thinking, else `other`. */
  begins: string | undefined;
}

function keptMessage(body: Buffer, start: number, end: number): KeptMessage {
  message.scan(body, start, end);
  if (stringMember(message, 0, body) !== 'assistant') return { text: undefined, begins: undefined };
  if (message.kind(1) !== jsonKind.array) return { text: undefined, begins: 'other' };
  const contentStart = message.start(1);
  const contentEnd = message.end(1);
  const blocks: string[] = [];
  let removed = 0;
  let begins = 'other';
  eachElement(body, contentStart, (blockStart, blockEnd) => {
    block.scan(body, blockStart, blockEnd);
    if (isForeign(body)) removed++;
    else {
      if (blocks.length === 0 && isThinking(body)) begins = 'thinking';
      blocks.push(body.toString('utf8', blockStart, blockEnd));
    }
    return true;
  });
  if (removed === 0) return { text: undefined, begins };
  if (blocks.length === 0) return { text: '', begins: undefined };
  const content = `[${blocks.join(',')}]`;
  return {
    text: body.toString('utf8', start, contentStart) + content + body.toString('utf8', contentEnd, end),
    begins,
  };
}

function isThinking(body: Buffer): boolean {
  const type = stringMember(block, 0, body);
  return type === 'thinking' || type === 'redacted_thinking';
}

function isForeign(body: Buffer): boolean {
  if (!isThinking(body)) return false;
  const seal = stringMember(block, 1, body) ?? stringMember(block, 2, body) ?? '';
  return seal.startsWith(signatureMark);
}

/** With `enabled`, the last assistant turn must begin with its thinking; where that is gone, thinking is switched off. */
function withoutThinking(body: Buffer): Splice[] {
  if (root.kind(1) !== jsonKind.object) return [];
  const start = root.start(1);
  const end = root.end(1);
  thinking.scan(body, start, end);
  return stringMember(thinking, 0, body) === 'enabled' ? [{ start, end, text: '{"type":"disabled"}' }] : [];
}
