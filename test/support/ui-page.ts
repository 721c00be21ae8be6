// Runs `etcdctl ui` in this process, with an Io of buffers, and makes the calls of its page.
import { loadProgram, main } from "../../src/cli/main";
import type { Requests, Responses, Streams } from "../../src/ui/api";
import { httpRequest, type HttpAnswer } from "./http-request";
import { testIo, type TestIo, type TestIoOptions } from "./test-io";
import { until } from "./until";

export class UiPage implements AsyncDisposable {
  private constructor(
    readonly io: TestIo,
    /** The exit code. */
    readonly ended: Promise<number>,
    readonly origin: string,
    readonly token: string,
  ) {}

  static async start(words: readonly string[], options: TestIoOptions = {}): Promise<UiPage> {
    const io = testIo(options);
    let isEnded = false;
    const ended = main(["ui", ...words], io, await loadProgram("etcdctl")).finally(() => (isEnded = true));
    await until("the address of the page", () => io.stdout.text.includes("\n") || isEnded);
    const [, origin, token] = /^(http:\/\/\S+)\/#token=([\w-]+)\n$/.exec(io.stdout.text) ?? [];
    if (origin === undefined || token === undefined) throw new Error(io.stdout.text + io.stderr.text);
    return new UiPage(io, ended, origin, token);
  }

  /** What the page sends. `headers` replace those of the page. */
  send(name: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    return httpRequest({
      url: `${this.origin}/api/${name}`,
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}`, ...headers },
      body: JSON.stringify(body),
    });
  }

  async call<K extends keyof Requests>(name: K, body: Requests[K]): Promise<Responses[K]> {
    const { status, body: text } = await this.send(name, body);
    if (status !== 200) throw new Error(`${status} ${text.toString()}`);
    return JSON.parse(text.toString()) as Responses[K];
  }

  /** All lines of a stream that ends. */
  async lines<K extends keyof Streams>(name: K, body: Streams[K]["request"]): Promise<Streams[K]["line"][]> {
    const { status, body: text } = await this.send(name, body);
    if (status !== 200) throw new Error(`${status} ${text.toString()}`);
    return text
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Streams[K]["line"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.io.sendSignal("SIGINT");
    await this.ended;
  }
}

/** A key or prefix in a call. */
export function key64(key: string | Uint8Array): string {
  return Buffer.from(key).toString("base64");
}
