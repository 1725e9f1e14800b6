import 'reflect-metadata';
import { runConsole } from '../../../../lib/console/run-console.js';
import { RedisAppModule } from './redis-app.module.js';
import { optionsFromEnvironment } from './redis-app.options.js';

void runConsole(RedisAppModule.in(optionsFromEnvironment()));
