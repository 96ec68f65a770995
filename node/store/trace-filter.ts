import type { TraceQuery } from './contract.ts';
import { columnOf, storableText } from './trace-row.ts';

/** What is asked of a trace besides its time and its key. */
export type TraceConditions = Pick<TraceQuery, 'user' | 'account' | 'model' | 'status'>;

const places = {
  status: columnOf('status'),
  user: columnOf('user'),
  account: columnOf('account'),
  modelRequested: columnOf('modelRequested'),
  modelServed: columnOf('modelServed'),
};

/** Tells whether a row fulfils the conditions. A model is met by its name as it was asked for and as it was served. */
export function rowFilter(conditions: TraceConditions): (row: readonly unknown[]) => boolean {
  const { status } = conditions;
  const [user, account, model] = [conditions.user, conditions.account, conditions.model].map(storable);
  return (row) =>
    (user === undefined || isText(row[places.user], user)) &&
    (account === undefined || isText(row[places.account], account)) &&
    (model === undefined || isText(row[places.modelRequested], model) || isText(row[places.modelServed], model)) &&
    (status === undefined || isStatus(row[places.status], status));
}

/**
 * Texts each of which the rows of a group contain if one of them fulfils the conditions: a database that looks for
 * them need not hand over most groups. Rows hold values as JSON.stringify writes them.
 */
export function textsOf({ user, account, model, status }: TraceConditions): string[] {
  const values = [user, account, model].map(storable).filter((value) => value !== undefined);
  // Without the last quotation mark, as a row may hold more of a long value.
  const texts = values.map((value) => JSON.stringify(value).slice(0, -1));
  // A row begins with its status.
  if (status !== undefined) texts.push(isClass(status) ? `[${status}` : `[${status},`);
  return texts;
}

/** Both sides of a comparison are cut where rows are cut, so that a long name is found whether or not its row was. */
function storable(value: string | undefined): string | undefined {
  return value === undefined ? undefined : storableText(value);
}

function isText(value: unknown, asked: string): boolean {
  return value === asked || (typeof value === 'string' && value.length > asked.length && storableText(value) === asked);
}

function isStatus(status: unknown, asked: number): boolean {
  return isClass(asked) ? Math.floor(Number(status) / 100) === asked : status === asked;
}

function isClass(status: number): boolean {
  return status < 10;
}
