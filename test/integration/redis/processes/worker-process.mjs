// A worker of an application with one Redis transport: node worker-process.mjs <folder of the compiled library> <url>
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('reflect-metadata');
// What is left are the arguments of the worker: none.
const [lib, url] = process.argv.splice(2);
const { runWorker } = require(`${lib}/console/run-worker.js`);
const { MessengerModule } = require(`${lib}/module/messenger.module.js`);

class AppModule {}

void runWorker({
  module: AppModule,
  imports: [MessengerModule.forRoot({ transports: { async: url } })],
});
