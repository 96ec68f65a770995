/** Where a key stands: names, and positions in lists. */
export type Path = readonly (string | number)[];

export type OriginKind = 'flag' | 'environment' | 'file' | 'default';

/** Where a value came from. */
export interface Origin {
  readonly kind: OriginKind;
  /** `--port`, `NODE_ID` or the path of the file, as the user wrote it. */
  readonly name: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Folder that relative paths count from. */
  readonly folder: string;
  /** The text before `${NAME}` was replaced; shown in place of the value, which may be a secret at a wrong key. */
  readonly template?: string;
}

/** One value from one source. Objects and lists are taken apart; an empty one is a value. */
export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
  readonly origin: Origin;
}

/** What one source says: settings, accounts (paths inside each), complaints, and things to know. */
export interface Source {
  readonly assignments: Assignment[];
  readonly accounts: Assignment[][];
  readonly errors: string[];
  readonly warnings: string[];
}

export function emptySource(): Source {
  return { assignments: [], accounts: [], errors: [], warnings: [] };
}

/** `flag --port`, `environment NODE_ID`, `config.yaml:12` or `default`. */
export function describeOrigin(origin: Origin | undefined): string {
  if (origin === undefined || origin.kind === 'default') return 'default';
  if (origin.kind === 'file') return origin.line === undefined ? origin.name : `${origin.name}:${origin.line}`;
  return `${origin.kind} ${origin.name}`;
}

/** `accounts[0].base_url`; a name that is not a plain word is quoted. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Environment variables, with those of `.env` below them. */
export type Environment = Readonly<Record<string, string | undefined>>;
