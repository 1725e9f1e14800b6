import 'reflect-metadata';
import { runConsole } from '../../../../lib/console/run-console.js';
import { BrokerAppModule } from './broker-app.module.js';
import { optionsFromEnvironment } from './broker-app.options.js';

void runConsole(BrokerAppModule.in(optionsFromEnvironment()));
