import { z } from 'zod';
import { booleanSetting, durationSetting, integerSetting, numberSetting, sizeSetting } from '../../kit/setting.ts';

export const limitsSettings = z.strictObject({
  global_max_concurrency: integerSetting({ min: 1, max: 1_000_000 })
    .default(200)
    .describe('Requests that the node has in flight at upstreams at once; further ones wait.'),
  queue_size: integerSetting({ min: 0, max: 1_000_000 })
    .default(2_000)
    .describe('Requests that may wait; past it the answer is 429 with Retry-After. Each holds its body in memory.'),
  queue_timeout: durationSetting('0s', '1h')
    .default(30_000)
    .describe('How long a request waits for a place before it is answered 429.'),
  retry_attempts: integerSetting({ min: 0, max: 20 })
    .default(3)
    .describe('Further tries after a failed one, each at another account, only before the first byte went out.'),
  retry_budget: numberSetting({ min: 0, max: 1 })
    .default(0.2)
    .describe('Retries as a share of the traffic at most, so that an outage does not multiply itself.'),
  request_timeout: durationSetting('1s', '1h')
    .default(60_000)
    .describe("Time from sending a request to the first byte of the upstream's answer."),
  idle_timeout: durationSetting('1s', '1h')
    .default(120_000)
    .describe('Longest silence between two pieces of an answer that has begun; thinking models pause.'),
  first_event_timeout: durationSetting('0s', '10m')
    .default(5_000)
    .describe(
      'How long the client waits for response headers once the upstream answered 200: an error inside the stream before then is still retried elsewhere.',
    ),
  default_max_tokens: integerSetting({ min: 1, max: 10_000_000 })
    .optional()
    .describe('Fills an absent max_tokens; absent: 4000, only for formats that demand one.'),
  force_non_stream: booleanSetting()
    .default(false)
    .describe('Asks upstreams for whole answers; clients that asked for a stream still get one.'),
  body_limit: sizeSetting('1KB', '1GB')
    .default(32_000_000)
    .describe('Largest request body; past it the answer is 413.'),
  drain_delay: durationSetting('0s', '10m')
    .default(0)
    .describe(
      'How long a stopping node still takes connections while `/health/ready` already says 503. For balancers that ask it: longer than they take to notice.',
    ),
  drain_timeout: durationSetting('0s', '24h')
    .default(600_000)
    .describe('How long a stopping node lets its streams finish before it cuts them.'),
});

export type LimitsSettings = z.infer<typeof limitsSettings>;
