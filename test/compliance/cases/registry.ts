import type { Case } from '../scene.ts';
import { expiredToken, rateLimit, suspendedAccount } from './accounts.ts';
import { image } from './image.ts';
import { longSystem, stopSequence } from './limits.ts';
import { singleBytes, streamError, truncation } from './streams.ts';
import { stream, text } from './text.ts';
import { thinking } from './thinking.ts';
import { parallelTools, toolCall, toolResults } from './tools.ts';

export const cases: readonly Case[] = [
  text,
  stream,
  toolCall,
  parallelTools,
  toolResults,
  image,
  thinking,
  longSystem,
  stopSequence,
  rateLimit,
  expiredToken,
  suspendedAccount,
  streamError,
  truncation,
  singleBytes,
];
