import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../../src/kit/redis/address.ts';

describe('parseRedisAddress', () => {
  it.each([
    ['redis://127.0.0.1:6379/2', { url: 'redis://127.0.0.1:6379/2' }],
    ['unix:///run/redis/redis-server.sock', { path: '/run/redis/redis-server.sock' }],
    ['unix:///srv/my%20redis/r.sock', { path: '/srv/my redis/r.sock' }],
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
    ['REDISS+CLUSTER://a', { nodes: [{ host: 'a', port: 6379 }], tls: true }],
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
  ])('parses %s', (text, value) => {
    expect(parseRedisAddress(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['http://x', /must be a redis:\/\/ or rediss:\/\/ address, unix:.*, redis\+sentinel/],
    ['localhost:6379', /must be a redis:\/\//],
    ['redis://a:1,b:2', /several servers.*redis\+sentinel.*redis\+cluster/],
    ['unix://run/redis.sock', /absolute path of a socket/],
    ['unix:///run/redis.sock?db=2', /absolute path of a socket/],
    ['unix:///run/redis/', /absolute path of a socket/],
    ['redis+sentinel://a:26379', /lacks the master name.*master-name/],
    ['redis+sentinel:///mymaster', /host:port/],
    ['redis+sentinel://a/mymaster/zero', /database number/],
    ['redis+sentinel://a/mymaster?password=s3cret', /sentinelPassword=….*no other parameters/],
    ['redis+cluster://', /host:port/],
    ['redis+cluster://a:99999', /host:port/],
    ['redis+cluster://a,', /host:port/],
    ['redis+cluster://a/2', /only database 0/],
    ['redis+cluster://a?x=s3cret', /must not contain \?/],
  ])('rejects %s', (text, problem) => {
    const result = parseRedisAddress(text);
    expect(result).toEqual({ ok: false, problem: expect.stringMatching(problem) });
    expect(JSON.stringify(result)).not.toContain('s3cret');
  });
});
