import { aiproxyMesh, aiproxyMesh3 } from './aiproxy-mesh.ts';
import { aiproxyNginx3, aiproxyNginx3Mesh } from './aiproxy-nginx-3.ts';
import { aiproxy, aiproxyCache, aiproxyKey, aiproxyTwin } from './aiproxy.ts';
import { barePipeRequest } from './bare-pipe-request.ts';
import { barePipe } from './bare-pipe.ts';
import type { Target } from './contract.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { portkey } from './portkey.ts';

/** In the order of the report; the first is the yardstick of all ratios. */
export const targets: readonly Target[] = [
  barePipe,
  barePipeRequest,
  nginx,
  haproxy,
  portkey,
  aiproxy,
  aiproxyCache,
  aiproxyTwin,
  aiproxyKey,
  aiproxyMesh,
  aiproxyMesh3,
  aiproxyNginx3,
  aiproxyNginx3Mesh,
];
