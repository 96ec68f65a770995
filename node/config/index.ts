export { withApiKey, type KeyedSettings } from './api-key.ts';
export { configFaults, configFaultSpecs } from './faults.ts';
export { flags, variableOf, type Flag } from './flag-list.ts';
export { loadConfiguration, type Configuration, type ConfigurationRequest, type Origins } from './load.ts';
export type { ConfiguredAccount, Settings } from './settings.ts';
