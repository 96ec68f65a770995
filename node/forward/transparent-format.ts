import { isFault } from '../../kit/fault.ts';
import type { ProtocolId } from '../protocols/contract.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';
import { type TransparentEndpoint, unescaped } from './endpoint.ts';

/** Ends of paths whose answers have a known form, in lower case. */
const formats: readonly (readonly [RegExp, ProtocolId])[] = [
  [/\/(?:chat\/completions|completions|embeddings)$/, 'openai-chat'],
  [/\/messages$/, 'anthropic'],
  [/\/responses$/, 'openai-responses'],
  [/\/models\/[^/:]+:(?:streamgeneratecontent|generatecontent)$/, 'gemini'],
];

/** The protocol of what a transparent call asks for, by its path; undefined for anything else. */
export function transparentFormat({ path }: TransparentEndpoint): ProtocolId | undefined {
  const usual = usualPath(path).toLowerCase();
  for (const [form, protocol] of formats) if (form.test(usual)) return protocol;
  return undefined;
}

/**
 * The path as it would be written by most. Many upstreams take other spellings for the same, and what a limited key is
 * answered under one of them has to be counted all the same.
 */
function usualPath(path: string): string {
  return unescaped(path)
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');
}

/**
 * Notes which model a transparent call of a known form asks for, so that its tokens have a price. Nothing else goes by
 * it, and a body that cannot be read asks for none.
 */
export function noteTransparentModel(
  call: Call,
  endpoint: TransparentEndpoint,
  { protocols }: Pick<ForwardDependencies, 'protocols'>,
): void {
  const format = transparentFormat(endpoint);
  if (format === undefined || call.request.method !== 'POST') return;
  call.requestedModel =
    format === 'gemini' ? modelInPath(usualPath(endpoint.path)) : modelInBody(call, protocols[format]);
}

function modelInPath(path: string): string {
  const model = path.slice(path.lastIndexOf('/') + 1);
  return model.slice(0, model.indexOf(':'));
}

function modelInBody(call: Call, protocol: ForwardDependencies['protocols'][ProtocolId]): string {
  if (call.request.headers['content-encoding'] !== undefined) return '';
  try {
    return protocol.scanRequest(call.body, false).model;
  } catch (error) {
    if (isFault(error)) return '';
    throw error;
  }
}
