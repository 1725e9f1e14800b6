import 'reflect-metadata';
import { runWorker } from '../../../lib/console/run-worker.js';
import { armedFailpoints } from '../failpoints/armed-failpoints.js';
import { ChaosAppModule } from './chaos-app.module.js';
import { optionsFromEnvironment } from './chaos-app.options.js';
import { reportHeap } from './heap-reports.js';

reportHeap(process.env);
void runWorker(ChaosAppModule.in(optionsFromEnvironment(), armedFailpoints(process.env)));
