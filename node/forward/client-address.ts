import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';

/** The client's address as trusted proxies tell it. */
export function clientAddressOf(
  { request }: Call,
  { clientAddress }: Pick<ForwardDependencies, 'clientAddress'>,
): string {
  return clientAddress.of(request.socket.remoteAddress, request.headers['x-forwarded-for']);
}
