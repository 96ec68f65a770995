import type { MetricName } from './metric-name.ts';

/** Metrics of the mesh. */
export const clusterMetricNames = {
  clusterMembers: {
    name: 'aiproxy_cluster_members',
    help: 'Members as this node sees them, by state; itself included.',
    type: 'gauge',
    labels: { state: 4 },
  },
  clusterLeader: {
    name: 'aiproxy_cluster_is_leader',
    help: '1 while this node leads.',
    type: 'gauge',
    labels: {},
  },
  clusterTerm: { name: 'aiproxy_cluster_term', help: 'Term of the election.', type: 'gauge', labels: {} },
  clusterElections: {
    name: 'aiproxy_cluster_elections_total',
    help: 'Elections that this node stood in, by result; those not won are lost or given up.',
    type: 'counter',
    labels: { result: 2 },
  },
  clusterConverged: {
    name: 'aiproxy_cluster_converged',
    help: '1 while all live members see the same as this node.',
    type: 'gauge',
    labels: {},
  },
  clusterMessages: {
    name: 'aiproxy_cluster_messages_total',
    help: 'Frames of the mesh: sent, received, dropped (a full buffer), refused (malformed, or claims that cannot be).',
    type: 'counter',
    labels: { direction: 4 },
  },
  clusterBytes: {
    name: 'aiproxy_cluster_bytes_total',
    help: 'Bytes of the mesh before encryption.',
    type: 'counter',
    labels: { direction: 2 },
  },
  clusterSuspicions: {
    name: 'aiproxy_cluster_suspicions_total',
    help: 'Suspicions that this node began.',
    type: 'counter',
    labels: {},
  },
  clusterAwareness: {
    name: 'aiproxy_cluster_awareness',
    help: 'How much this node mistrusts its own sense of time: 0 well, 8 most; its timeouts are stretched by it.',
    type: 'gauge',
    labels: {},
  },
  clusterLoopDelay: {
    name: 'aiproxy_cluster_event_loop_delay_seconds',
    help: 'Greatest delay of a timer in the last two seconds, as the failure detector takes it into account.',
    type: 'gauge',
    labels: {},
  },
  clusterRecords: {
    name: 'aiproxy_cluster_records',
    help: 'Records that all members keep, without deleted ones.',
    type: 'gauge',
    labels: {},
  },
  clusterRecordsUnsaved: {
    name: 'aiproxy_cluster_records_unsaved',
    help: 'Records that are not on the disk of this node; above 0 for more than a moment, its disk refuses them.',
    type: 'gauge',
    labels: {},
  },
  clusterPropagation: {
    name: 'aiproxy_cluster_propagation_seconds',
    help: 'From a change at another member to its effect here, by the two wall clocks.',
    type: 'histogram',
    labels: { kind: 4 },
  },
  clusterRefreshes: {
    name: 'aiproxy_cluster_token_refreshes_total',
    help: 'Refreshes of OAuth tokens that this node made as the leader, over all accounts, by result.',
    type: 'counter',
    labels: { result: 2 },
  },
} as const satisfies Record<string, MetricName>;
