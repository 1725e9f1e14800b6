import type { Finding } from '../../transport/finding.js';
import type { ResolvedRedisOptions } from './redis.options.js';

/** What a server says of itself; nothing where the user may not ask. */
export interface RedisServerFacts {
  /** What `INFO persistence` answers. */
  readonly persistence: string | undefined;
  /** What `INFO replication` answers. */
  readonly replication: string | undefined;
  /** What `CONFIG GET` answers, by the name of the setting. */
  readonly settings: ReadonlyMap<string, string>;
}

/** How a server that loses its process, its power or its role treats what was stored. */
export function serverFindings(
  facts: RedisServerFacts,
  { waitReplicas }: Pick<ResolvedRedisOptions, 'waitReplicas'>,
): readonly Finding[] {
  const { persistence, replication, settings } = facts;
  if (persistence === undefined || replication === undefined) {
    return [
      {
        code: 'redis.info',
        level: 'unchecked',
        problem: 'the user may not run "INFO", so how the server keeps its data could not be checked.',
        remedy: 'Allow it (ACL "+info"), or see to it that "appendonly" is "yes".',
      },
    ];
  }
  return [...durability(persistence, settings), ...replicas(replication, waitReplicas)];
}

function durability(persistence: string, settings: ReadonlyMap<string, string>): readonly Finding[] {
  if (fieldOf(persistence, 'aof_enabled') !== '1') {
    return [noAppendOnlyFile(settings.get('save'))];
  }
  if ((fieldOf(persistence, 'aof_last_write_status') ?? 'ok') !== 'ok') {
    return [
      {
        code: 'redis.appendonly-failing',
        level: 'loss',
        problem: 'the server cannot write its append-only file, so a crash loses what came since.',
        remedy: "See the server's log; most often its disk is full.",
      },
    ];
  }
  return appendFsync(settings.get('appendfsync'));
}

/** @param save when snapshots are taken; nothing if it is not known. */
function noAppendOnlyFile(save: string | undefined): Finding {
  const lost =
    save === undefined
      ? 'a crash loses what was stored since its last snapshot, or everything if it takes none'
      : save === ''
        ? 'and takes no snapshots either ("save"), so a restart loses everything'
        : `a crash loses what was stored since its last snapshot ("save ${save}")`;
  return {
    code: 'redis.appendonly',
    level: 'loss',
    problem: `the server has no append-only file ("appendonly no")${save === '' ? ' ' : ': '}${lost}.`,
    remedy: 'Set "appendonly yes", in its configuration file and by "CONFIG SET".',
  };
}

function appendFsync(setting: string | undefined): readonly Finding[] {
  if (setting === 'always') {
    return [];
  }
  if (setting === undefined) {
    return [
      {
        code: 'redis.appendfsync',
        level: 'unchecked',
        problem:
          'the user may not run "CONFIG GET", so how often the append-only file is written to the disk could not be checked.',
        remedy: 'Allow it (ACL "+config|get"), or see to it that "appendfsync" is "everysec" or "always".',
      },
    ];
  }
  const lost = setting === 'no' ? 'what the system had not written yet, often 30 seconds' : 'the last second';
  return [
    {
      code: 'redis.appendfsync',
      level: 'advice',
      problem: `the server has "appendfsync ${setting}": a power failure, not a crash of Redis, loses ${lost}.`,
      remedy: 'Leave it if that will do; otherwise set "appendfsync always", which makes dispatching slower.',
    },
  ];
}

function replicas(replication: string, waitReplicas: number): readonly Finding[] {
  const count = Number(fieldOf(replication, 'connected_slaves') ?? 0);
  return count === 0 || waitReplicas > 0
    ? []
    : [
        {
          code: 'redis.replicas',
          level: 'advice',
          problem: `the server has ${count} replica(s), and "wait_replicas" is 0: a failover loses what had not reached them.`,
          remedy: 'Set "wait_replicas=1" if a message may cost a round trip more.',
        },
      ];
}

/** One field of what `INFO` answers. */
function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
