import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { redisUrl, sharedRedis, uniqueStream } from '../../integration/redis/support/shared-redis.js';
import { buildApp } from './support/build-app.js';
import { adapted, deployFile, ROOT } from './support/deploy-file.js';
import { ShopProducer } from './support/shop-producer.js';
import { Supervisord } from './support/supervisord.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const WORKERS = ['messenger-worker_00', 'messenger-worker_01'] as const;
const LIMIT = 40;

const stream = uniqueStream(afterAll);
const redis = sharedRedis({}, afterAll);
const shop = (folder: string): string => join(folder, 'shop.db');

let supervisord: Supervisord;
let producer: ShopProducer;

/** The file as it is, on this machine instead of the one it was written for, and with a limit that is soon reached. */
function programs(folder: string): string {
  return adapted(
    deployFile('supervisor/messenger-worker.conf'),
    ['directory=/srv/shop\nuser=shop\n', `directory=${ROOT}\n`],
    ['stdout_logfile=/var/log/shop/', `stdout_logfile=${folder}/logs/`],
    ['async --time-limit=3600', `async --time-limit=3600 --limit=${LIMIT} --fetch-size=1`],
  );
}

function environment(folder: string): Readonly<Record<string, string>> {
  return {
    MESSENGER_TRANSPORT_DSN: redisUrl(stream),
    MESSENGER_FAILURE_DSN: redisUrl(`${stream}-failed`),
    SHOP_DATABASE: shop(folder),
    SHOP_REVIEW_DELAY: '1 hour',
    NO_COLOR: '1',
  };
}

const boots = (name: string): number => supervisord.output(name).split('consumes "async"').length - 1;
/** Whether it has reached its limit, and was started again. */
const isRenewed = (name: string): boolean => {
  const [, after] = supervisord.output(name).split(`the limit of ${LIMIT} message(s) is reached`);
  return after?.includes('consumes "async"') === true;
};
const isAtRest = async (): Promise<boolean> =>
  (await redis.xlen(stream)) === 0 && producer.handled === producer.placed;

/** The workers that have something in hand. What was handed back waits for anybody. */
async function holders(): Promise<readonly string[]> {
  const [, , , consumers] = await redis.xpending(stream, 'symfony');
  const names = ((consumers ?? []) as ReadonlyArray<readonly [string]>).map(([name]) => name);
  return names.filter((name) => name !== '(released)');
}

beforeAll(async () => {
  buildApp();
  supervisord = new Supervisord(programs, environment);
  producer = await ShopProducer.open(shop(supervisord.folder), redisUrl(stream));
  await supervisord.sees('both workers consume', () => WORKERS.every((name) => boots(name) === 1));
});

afterAll(async () => {
  await producer?.close();
  await supervisord?.remove();
});

describe('the Supervisor program of the sample application', () => {
  it('runs two workers that both handle messages, each under a consumer name of its own', async () => {
    await supervisord.sees('both have handled an order', async () => {
      if (producer.placed < LIMIT / 2 && (await isAtRest())) {
        await producer.place(2);
      }
      return WORKERS.every((name) => supervisord.output(name).includes('Order '));
    });

    const consumers = (await redis.xinfo('CONSUMERS', stream, 'symfony')) as unknown[][];
    expect(consumers.map(([, name]) => name)).toEqual(WORKERS);
    await supervisord.sees('all is handled', isAtRest);
  });

  it('starts again one that was killed, under its name, and one that has reached its limit', async () => {
    const handledBefore = supervisord.output(WORKERS[1]).match(/invoice \d+ issued/g)?.length ?? 0;

    process.kill(supervisord.process(WORKERS[0])?.pid ?? 0, 'SIGKILL');
    // However they share these, one of them reaches its limit, and one only.
    await producer.place(2 * LIMIT - handledBefore - 1);

    await supervisord.sees('both were started again', () => boots(WORKERS[0]) > 1 && WORKERS.some(isRenewed));
    expect(supervisord.log).toContain('exited: messenger-worker_00 (terminated by SIGKILL; not expected)');
    expect(supervisord.output(WORKERS[0])).not.toContain('MESSENGER_CONSUMER_IN_USE');
    await supervisord.sees('all is handled', isAtRest);
  });

  it('starts those again that "stop-workers" has ended', async () => {
    const before = new Map(WORKERS.map((name) => [name, boots(name)]));

    execFileSync(process.execPath, ['dist/messenger.js', 'stop-workers'], {
      cwd: ROOT,
      env: { ...process.env, ...environment(supervisord.folder) },
    });

    await supervisord.sees('both consume again', () =>
      WORKERS.every((name) => boots(name) > (before.get(name) ?? 0)),
    );
    for (const name of WORKERS) {
      expect(supervisord.output(name)).toContain('stops: stop-workers was called');
      expect(supervisord.log).toContain(`exited: ${name} (exit status 0; expected)`);
    }
  });

  it('stops them when they have finished what they have in hand, and no message is lost in all of this', async () => {
    const before = producer.handled;
    await producer.place(LIMIT - 4);
    await supervisord.sees('some of it is handled', () => producer.touched > before);

    const said = await supervisord.control('stop', 'messenger-worker:*');

    expect(said).toContain('messenger-worker:messenger-worker_00: stopped');
    for (const name of WORKERS) {
      expect(supervisord.output(name)).toContain('stops: signal SIGTERM');
      expect(supervisord.log).toContain(`stopped: ${name} (exit status 0)`);
    }
    expect(await holders()).toEqual([]);
    expect(producer.touched).toBe(producer.handled);
    expect(producer.handled + (await redis.xlen(stream))).toBe(producer.placed);
    expect(await redis.xlen(`${stream}-failed`)).toBe(0);
  });
});
