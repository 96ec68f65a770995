import { electionBugs } from './election-bugs.ts';
import { intentBugs } from './intent-bugs.ts';
import { membershipBugs } from './membership-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';
import { quotaBugs } from './quota-bugs.ts';
import { recordBugs } from './record-bugs.ts';
import { stateBugs } from './state-bugs.ts';

/** Every mistake that the simulator was shown to find. */
export const plantedBugs: readonly PlantedBug[] = [
  ...electionBugs,
  ...intentBugs,
  ...membershipBugs,
  ...quotaBugs,
  ...recordBugs,
  ...stateBugs,
];
