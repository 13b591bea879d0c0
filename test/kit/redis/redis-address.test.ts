import { describe, expect, it } from 'vitest';
import { readRedisAddress } from '../../../src/kit/redis/redis-address.ts';

describe('an address of Redis', () => {
  it.each([
    ['redis://127.0.0.1:6379/2', { url: 'redis://127.0.0.1:6379/2' }],
    ['rediss://:pass@redis.example.com', { url: 'rediss://:pass@redis.example.com' }],
    [
      'redis+sentinel://a:26379,b:26380/mymaster',
      {
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
        ],
        master: 'mymaster',
        db: 0,
        tls: false,
      },
    ],
    [
      'rediss+sentinel://app:p%40ss@a,[::1]:5/main/3?sentinelPassword=s%26cret&sentinelUsername=watch',
      {
        sentinels: [
          { host: 'a', port: 26379 },
          { host: '::1', port: 5 },
        ],
        master: 'main',
        db: 3,
        username: 'app',
        password: 'p@ss',
        sentinelUsername: 'watch',
        sentinelPassword: 's&cret',
        tls: true,
      },
    ],
    [
      'redis+cluster://:pass@10.0.0.1:7000, 10.0.0.2',
      {
        nodes: [
          { host: '10.0.0.1', port: 7000 },
          { host: '10.0.0.2', port: 6379 },
        ],
        password: 'pass',
        tls: false,
      },
    ],
    ['rediss+cluster://c.example.com/', { nodes: [{ host: 'c.example.com', port: 6379 }], tls: true }],
  ])('%s', (text, value) => {
    expect(readRedisAddress(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['http://x', /must be a redis:\/\/ or rediss:\/\/ address, redis\+sentinel/],
    ['localhost:6379', /must be a redis:\/\//],
    ['redis://a:1,b:2', /several servers.*redis\+sentinel.*redis\+cluster/],
    ['redis+sentinel://a:26379', /lacks the name.*master-name/],
    ['redis+sentinel:///mymaster', /host:port/],
    ['redis+sentinel://a/mymaster/zero', /number of the database/],
    ['redis+sentinel://a/mymaster?password=s3cret', /sentinelPassword=….*nothing else/],
    ['redis+cluster://', /host:port/],
    ['redis+cluster://a:99999', /host:port/],
    ['redis+cluster://a,', /host:port/],
    ['redis+cluster://a/2', /no database but 0/],
    ['redis+cluster://a?x=s3cret', /without \?/],
  ])('%s is none', (text, problem) => {
    const reading = readRedisAddress(text);
    expect(reading).toEqual({ ok: false, problem: expect.stringMatching(problem) });
    expect(JSON.stringify(reading)).not.toContain('s3cret');
  });
});
