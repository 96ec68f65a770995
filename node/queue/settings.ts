import { z } from 'zod';
import { booleanSetting, choiceSetting, durationSetting } from '../../kit/setting.ts';

export const queueSettings = z.strictObject({
  enabled: booleanSetting()
    .default(false)
    .describe('Keeps non-streaming requests that no account could serve, and retries them.'),
  strategy: choiceSetting(['exponential', 'fixed', 'immediate'])
    .default('exponential')
    .describe('Wait between tries: doubling up to 300 s, always `interval`, or none.'),
  interval: durationSetting('1s', '1h').default(5_000).describe('First (or fixed) wait between tries.'),
});
export type QueueSettings = z.infer<typeof queueSettings>;
