import 'reflect-metadata';
import { runWorker } from '../../../../lib/console/run-worker.js';
import { InboxAppModule, type InboxAppOptions } from './inbox-app.module.js';

void runWorker(InboxAppModule.in(JSON.parse(process.env['E2E_OPTIONS'] ?? '') as InboxAppOptions));
