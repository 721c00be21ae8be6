// The errors of the library's calls: a call that reached no server has the diagnosis of the connection as its cause.
import { CliError, EtcdError, type EndpointProblem } from "../../errors";

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
  if (error instanceof CliError) {
    if (!error.hints.some(namesFlag)) return error;
    return new CliError(error.exitCode, error.message, {
      cause: error.cause,
      hints: error.hints.map(ofLibrary),
    });
  }
  if (!(error instanceof EtcdError) || error.cause instanceof ConnectionDiagnosis) return error;
  if (error.endpoints.length === 0 && !error.hints.some(namesFlag)) return error;
  const { code, desc, known } = error;
  const endpoints = error.endpoints.map((each) => ({ ...each, advice: ofLibrary(each.advice) }));
  const cause =
    endpoints.length > 0 ? new ConnectionDiagnosis(endpoints, { cause: error.cause }) : error.cause;
  return new EtcdError(code, desc, known, { hints: error.hints.map(ofLibrary), endpoints, cause });
}

/** The option that stands for a flag of etcdctl. */
const optionNames: Readonly<Record<string, string>> = {
  "--endpoints": "endpoints",
  "--cacert": "tls.cacert",
  "--cert": "tls.cert",
  "--key": "tls.key",
  "--command-timeout": "timeoutMs",
  "--max-recv-bytes": "maxReceiveBytes",
  "--max-request-bytes": "maxRequestBytes",
};

/** The transport's hints name flags; users of the library have options. */
function ofLibrary(hint: string): string {
  return hint
    .replace("the TLS flags", "the option tls")
    .replace(/--[a-z-]+/g, (flag) => (flag in optionNames ? `the option ${optionNames[flag]}` : flag));
}

function namesFlag(hint: string): boolean {
  return ofLibrary(hint) !== hint;
}

/** Runs a call, and throws its error with the diagnosis. */
export async function diagnosed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw withDiagnosis(error);
  }
}
