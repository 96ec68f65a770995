import type { Script } from './script.ts';
import type { WireAnswer } from './wire-event.ts';

const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>cloudflare</center></body></html>\n`;

/** Answers that are not what the protocol says; undefined when the script asks for none. */
export function garbageAnswer(script: Script): WireAnswer | undefined {
  switch (script.garbage) {
    case 'html-200':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: page('Sign in to the network'),
      };
    case 'html-502':
      return { status: 502, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page('502 Bad Gateway') };
    case 'broken-json':
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"id":"msg_1","type":"message","content":[{"type":"te',
      };
    case 'empty':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '' };
    default:
      return undefined;
  }
}
