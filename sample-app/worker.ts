import 'reflect-metadata';
import { runWorker } from 'nestjs-messenger';
import { AppModule } from './app.module.js';

void runWorker(AppModule);
