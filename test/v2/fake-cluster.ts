// Runs version 2's program against responses that a test makes up, with an Io of buffers.
import { reportFailure } from "../../src/cli/exit";
import { urlText } from "../../src/v2/http/go-url";
import type { HttpRequest, RoundTrip } from "../../src/v2/http/round-trip";
import { runVersion2 } from "../../src/v2/program";
import { testIo, type TestIo, type TestIoOptions } from "../support/test-io";

export interface FakeResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Makes the response to a request. An Error fails the request; undefined never answers it. */
export type Responder = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}) => FakeResponse | Error | undefined;

export interface ProgramResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly string[];
  readonly io: TestIo;
}

export function fakeRoundTrip(respond: Responder, requests: string[] = []): RoundTrip {
  return async ({ method, url, headers: requestHeaders, body }: HttpRequest, signal) => {
    const text = urlText(url);
    requests.push(`${method} ${text}${body === undefined ? "" : ` ${body}`}`);
    const response = respond({ method, url: text, headers: requestHeaders });
    if (response instanceof Error) throw response;
    if (response === undefined)
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    const { status = 200, headers = {}, body: content = "" } = response;
    return {
      status,
      header: (name) => headers[name] ?? "",
      body: () => Promise.resolve(Buffer.from(content as string)),
    };
  };
}

export async function runV2(
  args: readonly string[],
  respond: Responder = () => ({}),
  options: TestIoOptions & { readonly before?: (io: TestIo) => void } = {},
): Promise<ProgramResult> {
  const io = testIo(options);
  options.before?.(io);
  const requests: string[] = [];
  let exit: number;
  try {
    exit = await runVersion2(args, io, fakeRoundTrip(respond, requests));
  } catch (error) {
    exit = await reportFailure(error, io, "");
  }
  return { exit, stdout: io.stdout.text, stderr: io.stderr.text, requests, io };
}

export function withoutHints(text: string): string {
  return text.replace(/^hint: .*\n/gm, "");
}
