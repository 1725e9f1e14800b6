import { E2eAppModule, type E2eOptions } from '../../fixtures/e2e-app/e2e-app.module.js';
import { AppPlayground } from './app-playground.js';

export { until } from './until.js';

/** A folder with a SQLite database of its own, an application in this process that dispatches, and processes that consume. */
export class Playground extends AppPlayground<E2eOptions> {
  constructor(options: Omit<E2eOptions, 'folder'> = {}) {
    const producer = (given: E2eOptions) =>
      E2eAppModule.in({ ...given, hasOwnWorker: false, isMiswired: false });
    super({ path: 'test/fixtures/e2e-app', producer }, (folder) => ({ ...options, folder }));
  }
}
