// Decodes a response, or the part of it that was left encoded. Bytes that are no message are the error of the call.
// Go: recv in google.golang.org/grpc/rpc_util.go
import { EtcdError, StatusCode } from "../errors";

export function unmarshal<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `grpc: failed to unmarshal the received message: ${reason}`;
    throw new EtcdError(StatusCode.Internal, text, false, { cause });
  }
}
