/** What voters and holders say to each other about intents. */
import { isFault } from '../../kit/fault.ts';
import type { VoterConfig } from '../leader/contract.ts';
import type { StoredIntent } from './contract.ts';
import { intentFaults } from './faults.ts';

/** Names a configuration: a majority is counted only among those who answered in one and the same. */
export type ConfigStamp = string;

export interface NoteQuestion {
  readonly config: ConfigStamp;
  readonly intent: StoredIntent;
}

/** `elsewhere`: the voter has another configuration. `new`: it does not know yet what the others know. */
export interface NoteAnswer {
  readonly verdict: 'noted' | 'spent' | 'busy' | 'doubt' | 'not_leader' | 'not_durable' | 'elsewhere' | 'new';
}

/** Facts that are to be kept. `isAll`: with these the voter knows what the others know. */
export interface KeepQuestion {
  readonly intents: readonly StoredIntent[];
  readonly isAll: boolean;
}

export interface KeepAnswer {
  /** Undefined: not durable. */
  readonly config: ConfigStamp | undefined;
}

export interface ReadQuestion {
  readonly config: ConfigStamp;
  readonly digest: string;
  readonly after: string;
}

/** `intents` is empty when the digests are equal. */
export interface ReadAnswer {
  readonly isElsewhere: boolean;
  readonly isNew: boolean;
  readonly isSame: boolean;
  readonly intents: readonly StoredIntent[];
  readonly next: string | undefined;
}

/** Keys of one page: below the bound of an answer with names of ordinary length. */
export const pageKeys = 50;
/** Intents of one message: a page of keys with all that is remembered of them. */
const intentsMax = 500;
const textMax = 512;
/** Acts take a minute or two; so long can a leader that lies keep the next one from acting. */
const budgetMsMax = 600_000;
const states: ReadonlySet<unknown> = new Set(['intended', 'spent', 'released']);
const verdicts: ReadonlySet<unknown> = new Set([
  'noted',
  'spent',
  'busy',
  'doubt',
  'not_leader',
  'not_durable',
  'elsewhere',
  'new',
]);

export function stampOf({ clusterId, term, version }: VoterConfig): ConfigStamp {
  return `${clusterId}/${term}/${version}`;
}

export function readNoteQuestion(body: unknown): NoteQuestion {
  const { config, intent } = fields(body);
  return { config: readText(config), intent: readIntent(intent) };
}

export function readKeepQuestion(body: unknown): KeepQuestion {
  const { intents, isAll } = fields(body);
  return { intents: readIntents(intents), isAll: isAll === true };
}

export function readReadQuestion(body: unknown): ReadQuestion {
  const { config, digest, after } = fields(body);
  return { config: readText(config), digest: readText(digest), after: after === '' ? '' : readText(after) };
}

/** Answers may be missing or malformed: then they count for nothing. */
export function readNoteAnswer(body: unknown): NoteAnswer['verdict'] | undefined {
  const verdict = isObject(body) ? body['verdict'] : undefined;
  return verdicts.has(verdict) ? (verdict as NoteAnswer['verdict']) : undefined;
}

export function readKeepAnswer(body: unknown): ConfigStamp | undefined {
  const config = isObject(body) ? body['config'] : undefined;
  return typeof config === 'string' ? config : undefined;
}

export function readReadAnswer(body: unknown): ReadAnswer | undefined {
  try {
    const { isElsewhere, isNew, isSame, intents, next } = fields(body);
    return {
      isElsewhere: isElsewhere === true,
      isNew: isNew === true,
      isSame: isSame === true,
      intents: readIntents(intents),
      next: next === undefined || next === null ? undefined : readText(next),
    };
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** As one voter says it of an act; keys are not empty. */
export function readIntent(value: unknown): StoredIntent {
  const intent = readStoredIntent(value);
  readText(intent.key);
  readText(intent.holder);
  return intent;
}

/** As it is kept; the store has an entry of its own, with an empty key. */
export function readStoredIntent(value: unknown): StoredIntent {
  const { key, generation, holder, fence, state, notedAtMs, budgetMs } = fields(value);
  const { term, sequence } = fields(fence);
  if (!states.has(state)) throw intentFaults.bad_intent_message('Unknown state of an intent.');
  const budget = readNumber(budgetMs);
  if (budget > budgetMsMax) throw intentFaults.bad_intent_message('A budget beyond all acts.');
  return {
    key: readKey(key),
    generation: readText(generation),
    holder: readKey(holder),
    fence: { term: readCount(term), sequence: readCount(sequence) },
    state: state as StoredIntent['state'],
    notedAtMs: readNumber(notedAtMs),
    budgetMs: budget,
  };
}

function readIntents(value: unknown): StoredIntent[] {
  if (!Array.isArray(value) || value.length > intentsMax)
    throw intentFaults.bad_intent_message('Not a list of intents.');
  return value.map(readIntent);
}

function readCount(value: unknown): number {
  const count = readNumber(value);
  if (!Number.isSafeInteger(count)) throw intentFaults.bad_intent_message('Not a whole number.');
  return count;
}

function readNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw intentFaults.bad_intent_message('Not a number.');
}

function readKey(value: unknown): string {
  return value === '' ? '' : readText(value);
}

function readText(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= textMax) return value;
  throw intentFaults.bad_intent_message('Not a text.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw intentFaults.bad_intent_message('Not a message.');
}
