// Commands that run until Ctrl-C: it is their normal end, exit code 0.
import { Interrupted } from "../../io";

export async function untilInterrupted(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isCtrlC = error instanceof Interrupted && error.signal === "SIGINT";
    if (!isCtrlC) throw error;
  }
}
