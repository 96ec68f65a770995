import type { UpstreamRequest } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { ClientSink, Relay } from './relay/contract.ts';

/** A request made ready for one account, with the way its answer will take. */
export interface Prepared {
  readonly request: UpstreamRequest;
  /** The relay for this answer; undefined when the status says that it is an error. */
  openRelay(sink: ClientSink, status: number, headers: WireHeaders): Relay | undefined;
}
