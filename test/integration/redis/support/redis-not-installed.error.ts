const COMMANDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  darwin: { 'redis-server': 'brew install redis', openssl: 'brew install openssl' },
  linux: { 'redis-server': 'apt-get install -y redis-server', openssl: 'apt-get install -y openssl' },
};

/** A program that the tests of the Redis transport need is missing. */
export class RedisNotInstalledError extends Error {
  constructor(program: 'redis-server' | 'openssl') {
    const command = COMMANDS[process.platform]?.[program];
    super(
      `The tests of the Redis transport need "${program}", which is not on the PATH. ` +
        (command === undefined ? 'Install it.' : `Install it: ${command}`),
    );
    this.name = 'RedisNotInstalledError';
  }
}
