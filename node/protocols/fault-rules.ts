import type { Fault, FaultDetail } from '../../kit/fault.ts';

interface Answered {
  readonly status: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Makes the Fault for what an upstream complains of, if it is of the rule's kind. */
export type FaultRule<Complaint> = (complaint: Complaint) => Fault | undefined;

/** What the first rule that knows the complaint makes of it. */
export function firstFault<Complaint>(rules: readonly FaultRule<Complaint>[], complaint: Complaint): Fault | undefined {
  for (const rule of rules) {
    const fault = rule(complaint);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The upstream's status and its time to come back, as far as it told them. */
export function answeredWith({ status, retryAfterMs }: Answered): FaultDetail {
  return {
    ...(status === undefined ? {} : { upstreamStatus: status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
