import type { MemberState } from './membership/contract.ts';
import type { Mesh, MeshReading } from './contract.ts';
import type { TransportTraffic } from './transport/contract.ts';

/** What the parts of a mesh count themselves. */
export interface MeshCounts {
  readonly traffic: Readonly<TransportTraffic>;
  readonly refused: number;
  readonly suspicions: number;
  readonly records: number;
  readonly recordsUnsaved: number;
  readonly loopDelayMs: number;
}

/** The numbers of a mesh at this moment. */
export function readMesh(mesh: Omit<Mesh, 'joining'>, counts: MeshCounts): MeshReading {
  const membersByState: Record<MemberState, number> = { alive: 0, suspect: 0, dead: 0, left: 0 };
  for (const { state } of mesh.members.all) membersByState[state]++;
  const { leadership } = mesh;
  const { traffic, refused, suspicions, records, recordsUnsaved, loopDelayMs } = counts;
  return {
    membersByState,
    framesSent: traffic.framesSent,
    framesReceived: traffic.framesReceived,
    framesDropped: traffic.framesDropped,
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    messagesRefused: refused,
    suspicions,
    elections: leadership.electionsStarted,
    electionsWon: leadership.electionsWon,
    term: leadership.term,
    isLeader: leadership.isSelf,
    awareness: mesh.members.awareness,
    loopDelayMs,
    records,
    recordsUnsaved,
    isConverged: mesh.isConverged(),
  };
}
