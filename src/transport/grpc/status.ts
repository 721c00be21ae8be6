// The errors that a client's gRPC makes itself, with the texts of grpc-go, because users and scripts look for them.
import { EtcdError, type ErrorDetails } from "../../errors";

/** The call never left this process, so repeating it is always safe. */
export class NotSentError extends EtcdError {
  override name = "NotSentError";
}

export type StatusText = ErrorDetails & { readonly text: string };

export const messageTooLarge = (sizeBytes: number | string, limitBytes: number | string): StatusText => ({
  text: `grpc: received message larger than max (${sizeBytes} vs. ${limitBytes})`,
  hints: ["raise --max-recv-bytes, or request less"],
});

export const connectionLost = (cause: unknown): StatusText => ({
  text: "error reading from server: EOF",
  cause,
});

export const streamReset = (codeName: string): StatusText => ({
  text: `stream terminated by RST_STREAM with error code: ${codeName}`,
});

export const unexpectedHttp = (what: string): StatusText => ({
  text: `unexpected HTTP status code received from server: ${what}`,
  hints: [
    "the server speaks HTTP/2 but not etcd's gRPC: check the port in --endpoints and any proxy in between",
  ],
});
