import type { MeshReading } from './contract.ts';
import type { MemberState } from './membership/contract.ts';
import type { MemberMesh } from './mesh.ts';
import type { TransportTraffic } from './transport/contract.ts';

/** The numbers of a mesh at this moment. */
export function readMesh(
  mesh: MemberMesh,
  traffic: Readonly<TransportTraffic>,
  messagesRefused: number,
  loopDelayMs: number,
): MeshReading {
  const membersByState: Record<MemberState, number> = { alive: 0, suspect: 0, dead: 0, left: 0 };
  for (const { state } of mesh.members.all) membersByState[state]++;
  const { leadership } = mesh;
  return {
    membersByState,
    framesSent: traffic.framesSent,
    framesReceived: traffic.framesReceived,
    framesDropped: traffic.framesDropped,
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    messagesRefused,
    suspicions: mesh.members.suspicions,
    elections: leadership.electionsStarted,
    electionsWon: leadership.electionsWon,
    term: leadership.term,
    isLeader: leadership.isSelf,
    awareness: mesh.members.awareness,
    loopDelayMs,
    records: mesh.records.size,
    isConverged: mesh.isConverged(),
  };
}
