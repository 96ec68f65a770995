export { PooledAccount } from './account.ts';
export type * from './contract.ts';
export type { AccountDefinition, AccountEntry, AccountPatch } from './definition.ts';
export { Accounts, accountsMax, type DirectoryOptions } from './directory.ts';
export { accountFaults, accountFaultSpecs } from './faults.ts';
export type { AccountChange, AccountObserver, Origin, StandingNotice } from './observer.ts';
export { breakerDefaults, restDefaults, type BreakerOptions, type RestOptions } from './options.ts';
export { RemoteStandings, type RemoteStanding } from './remote-standing.ts';
export * from './stats.ts';
