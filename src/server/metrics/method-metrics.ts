// The calls of one gRPC method, as the interceptors of go-grpc-middleware count them.
import { StatusCode } from "../../errors";
import { Histogram } from "./histogram";

/** The default bounds of Prometheus' clients, for grpc_server_handling_seconds. */
const handlingBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class MethodMetrics {
  started = 0;
  received = 0;
  sent = 0;
  /** Ended calls by status code. */
  readonly handled = new Array<number>(StatusCode.Unauthenticated + 1).fill(0);
  readonly seconds: Histogram | undefined;

  constructor(
    readonly path: string,
    readonly kind: "unary" | "serverStream" | "duplex",
    extensive: boolean,
  ) {
    this.seconds = extensive ? new Histogram(handlingBounds) : undefined;
  }
}
