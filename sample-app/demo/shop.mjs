// The sample application as its users and its operators see it: HTTP, a worker process, and the console.
import { join } from 'node:path';
import { NodeProcess, runNode } from './processes.mjs';

export class Shop {
  #root;
  #screen;
  #env;
  #http;
  #worker;
  #url;

  /** @param env what differs from the environment of this process. */
  constructor(root, screen, env) {
    this.#root = root;
    this.#screen = screen;
    this.#env = { ...process.env, NO_COLOR: '1', ...env };
  }

  get url() {
    return this.#url;
  }

  async startHttp() {
    this.#http = this.#start('http', ['dist/main.js']);
    [, this.#url] = await this.#http.line(/Listening on (http\S+)/);
  }

  async startWorker(...options) {
    this.#worker = this.#start('worker', ['dist/worker.js', 'async', ...options]);
    await this.#worker.line(/consumes "async"/);
  }

  /** Resolves with the name and the exit code of the first of the two processes that ends. */
  firstToEnd() {
    return Promise.race([
      this.#worker.exited.then((exitCode) => ['worker', exitCode]),
      this.#http.exited.then((exitCode) => ['http', exitCode]),
    ]);
  }

  /** Ends both processes in an orderly way, and resolves with their exit codes. */
  stop() {
    return Promise.all([this.#worker.stop(), this.#http.stop()]);
  }

  async request(method, path, { body, headers } = {}) {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async order(id) {
    return (await this.request('GET', `/orders/${id}`)).body;
  }

  /** Runs a command of the console. @throws Error if it does not end with 0. */
  async console(...args) {
    const { exitCode, output } = await runNode([join(this.#root, 'dist/messenger.js'), ...args], {
      cwd: this.#root,
      env: this.#env,
    });
    if (exitCode !== 0) {
      throw new Error(`"messenger ${args.join(' ')}" ended with exit code ${exitCode}:\n${output}`);
    }
    return output;
  }

  /** What is in the failure transport. */
  async failedMessages() {
    return JSON.parse(await this.console('failed:show', '--format=json')).messages;
  }

  #start(name, args) {
    return new NodeProcess(args, {
      cwd: this.#root,
      env: this.#env,
      onLine: (line) => this.#screen.log(name, line),
    });
  }
}
