import 'reflect-metadata';
import { runConsole } from 'nestjs-messenger';
import { AppModule } from './app.module.js';

void runConsole(AppModule);
