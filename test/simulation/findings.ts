/** What must hold in every world. */
export type InvariantName =
  | 'one lease holder'
  | 'one leader a term'
  | 'terms only rise'
  | 'a token is spent once'
  | 'a lost token needs a login'
  | 'no cleared entry is served'
  | 'what a node says never falls'
  | 'no old incarnation comes back'
  | 'what is heard was said'
  | 'records only get newer'
  | 'a write is newer than what it saw'
  | 'a confirmed record is nowhere older'
  | 'nobody who answers is declared dead'
  | 'a limit is never exceeded'
  | 'units come back'
  | 'everything converges'
  | 'everything is bounded'
  | 'no exception escapes'
  | 'no honest message is refused';

export interface Violation {
  readonly invariant: InvariantName;
  readonly message: string;
  readonly atMs: number;
}

/** Ends a world at its first violation, through whatever was on the stack. */
export class ViolationError extends Error {}

/** What a world counted, for the sum over seeds. */
export interface Counts {
  turns: number;
  kills: number;
  restarts: number;
  pauses: number;
  cuts: number;
  leaderships: number;
  redemptions: number;
  /** Tokens lost with their holder, as the docs say may happen: needs a login. */
  residues: number;
  deaths: number;
  clears: number;
  lies: number;
  recordWrites: number;
  staleRefusals: number;
  /** Units taken of limits of the cluster, and requests for them that were refused. */
  unitsTaken: number;
  unitsRefused: number;
  /** Worlds in which all of a limit could be taken again after everything had healed. */
  limitsRegained: number;
}

export function noCounts(): Counts {
  return {
    turns: 0,
    kills: 0,
    restarts: 0,
    pauses: 0,
    cuts: 0,
    leaderships: 0,
    redemptions: 0,
    residues: 0,
    deaths: 0,
    clears: 0,
    lies: 0,
    recordWrites: 0,
    staleRefusals: 0,
    unitsTaken: 0,
    unitsRefused: 0,
    limitsRegained: 0,
  };
}
