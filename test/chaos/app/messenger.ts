import 'reflect-metadata';
import { runConsole } from '../../../lib/console/run-console.js';
import { armedFailpoints } from '../failpoints/armed-failpoints.js';
import { ChaosAppModule } from './chaos-app.module.js';
import { optionsFromEnvironment } from './chaos-app.options.js';

void runConsole(ChaosAppModule.in(optionsFromEnvironment(), armedFailpoints(process.env)));
