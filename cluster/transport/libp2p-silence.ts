import type { ComponentLogger, Logger } from '@libp2p/interface';

const nothing = () => undefined;

/**
 * libp2p's own log says every byte that moves, and formats it even when nobody reads. What matters of it reaches the
 * product's log as closings and faults.
 */
const silent: Logger = Object.assign((): void => undefined, {
  error: nothing,
  trace: nothing,
  enabled: false,
  newScope: (): Logger => silent,
});

export const silentLibp2p: ComponentLogger = { forComponent: () => silent };
