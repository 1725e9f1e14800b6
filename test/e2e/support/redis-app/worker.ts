import 'reflect-metadata';
import { runWorker } from '../../../../lib/console/run-worker.js';
import { RedisAppModule } from './redis-app.module.js';
import { optionsFromEnvironment } from './redis-app.options.js';

void runWorker(RedisAppModule.in(optionsFromEnvironment()));
