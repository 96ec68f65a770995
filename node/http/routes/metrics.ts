import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { Reply } from '../reply.ts';

export type MetricsDependencies = Pick<ManagementDependencies, 'metrics' | 'areMetricsOpen'>;

/** What Prometheus scrapes. Served on the management port, or on one of its own. */
export function metricsRoutes({ metrics, areMetricsOpen }: MetricsDependencies): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/metrics',
      permission: areMetricsOpen ? 'none' : 'stats:read',
      tag: 'metrics',
      summary: "Everything measured, in Prometheus' text format",
      mediaType: 'text/plain',
      handler: async () => Reply.text(metrics.contentType, await metrics.render()),
    }),
  ];
}
