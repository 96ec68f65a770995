import { z } from 'zod';
import { booleanSetting, formSetting, integerSetting, secretSetting } from '../../kit/setting.ts';

export const cacheSettings = z.strictObject({
  enabled: booleanSetting().default(false).describe('Keeps answers of non-streaming requests and gives them again.'),
  max_size_mb: integerSetting({ min: 1, max: 1_000_000 })
    .default(100)
    .describe('Memory for answers, megabytes; the least recently used go first.'),
  ttl_seconds: integerSetting({ min: 1, max: 31_536_000 })
    .default(300)
    .describe('Age at which an answer is dropped, seconds.'),
});
export type CacheSettings = z.infer<typeof cacheSettings>;

export const redisSettings = z.strictObject({
  addr: formSetting(/^[^\s:/@]+:\d{1,5}$/, 'HOST:PORT')
    .optional()
    .describe('Redis as a second level of the cache, HOST:PORT; absent: none.'),
  password: secretSetting().optional().describe('Password of the Redis server.'),
  db: integerSetting({ min: 0, max: 1_000_000 }).default(0).describe('Number of the Redis database.'),
});
export type RedisSettings = z.infer<typeof redisSettings>;
