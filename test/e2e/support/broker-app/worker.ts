import 'reflect-metadata';
import { runWorker } from '../../../../lib/console/run-worker.js';
import { BrokerAppModule } from './broker-app.module.js';
import { optionsFromEnvironment } from './broker-app.options.js';

void runWorker(BrokerAppModule.in(optionsFromEnvironment()));
