import 'reflect-metadata';
import { runWorker } from '../../../lib/console/run-worker.js';
import { armedFailpoints } from '../failpoints/armed-failpoints.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import { watchStandstills } from '../ledger/standstills.js';
import { ChaosAppModule } from './chaos-app.module.js';
import { optionsFromEnvironment } from './chaos-app.options.js';
import { reportHeap } from './heap-reports.js';

reportHeap(process.env);
const options = optionsFromEnvironment();
const ledger = new ChaosLedger(options.folder);
watchStandstills(({ from }) => ledger.standstill({ from }));
void runWorker(ChaosAppModule.in(options, armedFailpoints(process.env)));
