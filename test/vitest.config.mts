import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = (path: string): string => fileURLToPath(new URL(`../lib/${path}`, import.meta.url));

// Vite 8 compiles with oxc, which reads tsconfig.json and emits decorator metadata; earlier versions drop it.
export default defineConfig({
  root,
  resolve: {
    // The package name means the source here, or lib/ and dist/lib/ would be two sets of the same classes.
    alias: [
      { find: /^nestjs-messenger$/, replacement: source('index.ts') },
      { find: /^nestjs-messenger\/(amqp|redis|sql)$/, replacement: source('transports/$1/index.ts') },
      { find: /^nestjs-messenger\/([a-z-]+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.spec.ts'],
    environment: 'node',
    globalSetup: [fileURLToPath(new URL('support/redis.global-setup.ts', import.meta.url))],
    // Fails tests that print a secret.
    setupFiles: [fileURLToPath(new URL('support/watch-secrets.ts', import.meta.url))],
    // Processes, not threads: native drivers and signal handlers. Not isolated: each file would load Nest again.
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    // Not by default: whoever runs them by hand shall see it at once. The summary names those that needed it.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default', fileURLToPath(new URL('summary.reporter.ts', import.meta.url))],
    coverage: { provider: 'v8', include: ['lib/**/*.ts'], reportsDirectory: 'coverage' },
  },
});
