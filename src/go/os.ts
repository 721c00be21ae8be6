// The operating system's reasons in Go's words: `no such file or directory`. Knows nobody above it.
// Answers to syscall.Errno.Error on Linux.

const reasons: Readonly<Record<string, string>> = {
  E2BIG: "argument list too long",
  EACCES: "permission denied",
  EAGAIN: "resource temporarily unavailable",
  EBUSY: "device or resource busy",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EDQUOT: "disk quota exceeded",
  EEXIST: "file exists",
  EFBIG: "file too large",
  EHOSTUNREACH: "no route to host",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "file name too long",
  ENETUNREACH: "network is unreachable",
  ENFILE: "too many open files in system",
  ENOENT: "no such file or directory",
  ENOEXEC: "exec format error",
  ENOMEM: "cannot allocate memory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EPERM: "operation not permitted",
  EPIPE: "broken pipe",
  EROFS: "read-only file system",
  ETIMEDOUT: "connection timed out",
  ETXTBSY: "text file busy",
  EXDEV: "invalid cross-device link",
};

/** Of an error that Node's fs has thrown; its own message where the code is an unusual one. */
export function osErrorReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined ? reasons[code] : undefined) ?? message;
}

// How a child process ended, in Go's words: `exit status 7`, `signal: terminated`. Knows nobody above it.
// Answers to os.ProcessState.String and syscall.Signal.String on Linux.

const signals: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

export function exitText(end: { readonly exitCode: number } | { readonly signal: string }): string {
  return "signal" in end ? `signal: ${signals[end.signal] ?? end.signal}` : `exit status ${end.exitCode}`;
}
