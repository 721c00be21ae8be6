// Answers of a cluster made by the test, and version 2's program run against them with an Io of buffers.
import { reportFailure } from "../../src/cli/exit";
import { urlText } from "../../src/v2/http/go-url";
import type { HttpRequest, RoundTrip } from "../../src/v2/http/round-trip";
import { runVersion2 } from "../../src/v2/program";
import { testIo, type TestIo, type TestIoOptions } from "../support/test-io";

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What a test answers; an Error is a failed request, undefined an answer that never comes. */
export type Answering = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}) => FakeAnswer | Error | undefined;

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly string[];
  readonly io: TestIo;
}

export function fakeRoundTrip(answer: Answering, requests: string[] = []): RoundTrip {
  return async ({ method, url, headers: sent, body }: HttpRequest, signal) => {
    const text = urlText(url);
    requests.push(`${method} ${text}${body === undefined ? "" : ` ${body}`}`);
    const given = answer({ method, url: text, headers: sent });
    if (given instanceof Error) throw given;
    if (given === undefined)
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    const { status = 200, headers = {}, body: content = "" } = given;
    return {
      status,
      header: (name) => headers[name] ?? "",
      body: () => Promise.resolve(Buffer.from(content as string)),
    };
  };
}

export async function runV2(
  words: readonly string[],
  answer: Answering = () => ({}),
  options: TestIoOptions & { readonly before?: (io: TestIo) => void } = {},
): Promise<Ran> {
  const io = testIo(options);
  options.before?.(io);
  const requests: string[] = [];
  let exit: number;
  try {
    exit = await runVersion2(words, io, fakeRoundTrip(answer, requests));
  } catch (error) {
    exit = await reportFailure(error, io, "");
  }
  return { exit, stdout: io.stdout.text, stderr: io.stderr.text, requests, io };
}

export function withoutHints(text: string): string {
  return text.replace(/^hint: .*\n/gm, "");
}
