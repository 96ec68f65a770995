import { cacheHit } from './cache-hit.ts';
import { coldStart } from './cold-start.ts';
import type { Work } from './contract.ts';
import { firstEvent } from './first-event.ts';
import { forwardAnthropic } from './forward-anthropic.ts';
import { forwardKeys } from './forward-keys.ts';
import { forward } from './forward.ts';
import { latencyAtHalfLoad } from './latency-at-half-load.ts';
import { meshGossip } from './mesh-gossip.ts';
import { mesh } from './mesh.ts';
import { nginx3 } from './nginx-3.ts';
import { memory } from './memory.ts';
import { propagation } from './propagation.ts';
import { streamedTranslated } from './streamed-translated.ts';
import { streamed } from './streamed.ts';
import { traces } from './traces.ts';
import { translated } from './translated.ts';

/** In the order in which they run: those that find the highest rates come before those that need them. */
export const works: readonly Work[] = [
  forward,
  forwardAnthropic,
  translated,
  streamed,
  streamedTranslated,
  cacheHit,
  latencyAtHalfLoad,
  firstEvent,
  coldStart,
  memory,
  forwardKeys,
  mesh,
  meshGossip,
  nginx3,
  propagation,
  traces,
];
