import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HealthReportError } from '../errors/health-report.error.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { HealthReport } from './health-report.js';

/** What a {@link HealthServer} needs. */
export interface HealthServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly report: () => HealthReport;
}

/**
 * Answers `GET /live` (200 for as long as the process can answer) and `GET /ready` (200 or 503) with the worker's report in JSON.
 * It takes no other requests, and reads nothing of them but the path.
 */
export class HealthServer {
  readonly #options: HealthServerOptions;
  #server: Server | undefined;

  constructor(options: HealthServerOptions) {
    this.#options = options;
  }

  /**
   * @returns where it listens, as in a URL.
   * @throws HealthReportError when it cannot listen there.
   */
  async start(): Promise<string> {
    const { port, host } = this.#options;
    // Loaded on first use: most workers have no server.
    const { createServer } = require('node:http') as typeof import('node:http');
    const server = createServer((request, response) => this.#answer(request, response));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (error) {
      const what = `cannot listen on ${place(host, port)}: ${summarizeError(error).message}. Choose a port that is free, and an address of this machine.`;
      throw new HealthReportError('health-port', what, { cause: error });
    }
    this.#server = server;
    return place(host, (server.address() as AddressInfo).port);
  }

  /** Ends open connections, too. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
  }

  #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const [path] = url.split('?');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, { error: 'Use GET or HEAD.' });
    } else if (path === '/live') {
      send(response, 200, { status: 'live', worker: this.#options.report().worker });
    } else if (path === '/ready') {
      const report = this.#options.report();
      send(response, report.status === 'ready' ? 200 : 503, report);
    } else {
      send(response, 404, { error: 'There are /live and /ready.' });
    }
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  // Node leaves the body of an answer to HEAD out.
  response.end(`${JSON.stringify(body, undefined, 2)}\n`);
}

function place(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
