// The errors of the library's calls: a call that reached no server has the diagnosis of the connection as its cause.
import { EtcdError, type EndpointProblem } from "../../errors";

/** Why no endpoint could be used: the `cause` of an EtcdError with code Unavailable or DeadlineExceeded. */
export class ConnectionDiagnosis extends Error {
  override name = "ConnectionDiagnosis";

  constructor(
    /** What is wrong with each endpoint that the call needed. */
    readonly endpoints: readonly EndpointProblem[],
    options?: ErrorOptions,
  ) {
    super(endpoints.map(({ endpoint, problem }) => `${endpoint}: ${problem}`).join("; "), options);
  }
}

/** The error as the library's users get it. */
export function withDiagnosis(error: unknown): unknown {
  if (!(error instanceof EtcdError) || error.endpoints.length === 0) return error;
  if (error.cause instanceof ConnectionDiagnosis) return error;
  const { code, desc, known, hints, endpoints } = error;
  const cause = new ConnectionDiagnosis(endpoints, { cause: error.cause });
  return new EtcdError(code, desc, known, { hints, endpoints, cause });
}

/** Runs a call, and throws its error with the diagnosis. */
export async function diagnosed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw withDiagnosis(error);
  }
}
