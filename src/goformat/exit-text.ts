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
