import { z } from 'zod';
import {
  durationSetting,
  formSetting,
  integerSetting,
  numberSetting,
  sizeSetting,
  textSetting,
} from '../../kit/setting.ts';

const price = (what: string) =>
  numberSetting({ min: 0, max: 1_000_000 }).optional().describe(`Price of ${what}, for \`per\` tokens.`);

export const priceSettings = z.strictObject({
  prompt: price('prompt tokens that came from no cache'),
  completion: price('completion tokens'),
  cache_read: price('prompt tokens read from the cache of the provider'),
  cache_write: price('prompt tokens written to the cache of the provider'),
  currency: formSetting(/^[A-Z]{3}$/, 'three capital letters such as USD')
    .default('USD')
    .describe('Currency, ISO 4217.'),
  per: integerSetting({ min: 1, max: 1_000_000_000 }).default(1_000_000).describe('Tokens that the prices are for.'),
});

/** Prices by model name. */
export const pricesSettings = z.record(textSetting('a model name', 256), priceSettings).default({});
export type PricesSettings = z.infer<typeof pricesSettings>;

export const usageSettings = z.strictObject({
  traces_keep: durationSetting('1h', '87600h')
    .default(30 * 86_400_000)
    .describe('Age at which the trace of a single request is deleted.'),
  keep: durationSetting('24h', '175200h')
    .default(400 * 86_400_000)
    .describe('Age at which what was used in an hour (by key, user, account and model) is deleted.'),
  spill_max: sizeSetting('1MB', '1000GB')
    .default(1_000_000_000)
    .describe('Disk that traces may take which the store does not take at present.'),
});
export type UsageSettings = z.infer<typeof usageSettings>;
