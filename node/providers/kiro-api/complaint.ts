import type { Fault } from '../../../kit/fault.ts';

/** Makes the Fault for a credential that cannot be used; it names the field, and the file where there is one. */
export type Complain = (what: string) => Fault;
