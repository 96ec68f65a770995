import type { Fault } from '../../kit/fault.ts';
import { transportFaults } from './faults.ts';

/** Why listening failed. libp2p puts the errors of all addresses into one message, so the codes are read from there. */
export function listenFault(addresses: readonly string[], error: unknown): Fault {
  const where = addresses.join(', ');
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('EADDRINUSE')) {
    return transportFaults.mesh_port_taken(`${where}: another process listens there; give another --cluster-port`, {
      field: 'cluster.port',
      cause: error,
    });
  }
  const code = /\bE[A-Z]{3,}\b/.exec(message)?.[0];
  const why = code === undefined ? 'it is no address to listen on' : `the system says ${code}`;
  return transportFaults.mesh_address_invalid(`${where}: ${why}`, { cause: error });
}
