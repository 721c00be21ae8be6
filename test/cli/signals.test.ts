// Ctrl-C, SIGTERM and SIGHUP reach the command through its AbortSignal, or the handler that has taken the signals.
import { EventEmitter } from "node:events";
import { Signals } from "../../src/cli/system-io";
import { Interrupted, type Signal } from "../../src/io";

describe("signals", () => {
  test("the first one interrupts the command, the second one ends the process", () => {
    const { source, signals, kills } = setUp();
    source.emit("SIGTERM");
    expect(signals.interrupt.reason).toEqual(new Interrupted("SIGTERM"));
    expect(kills).toEqual([]);
    source.emit("SIGINT");
    expect(kills).toEqual(["SIGINT"]);
    expect(source.listenerCount("SIGINT")).toBe(0);
  });

  test("a SIGHUP interrupts like the others, and further ones wait until the command has cleaned up", () => {
    const { source, signals, kills } = setUp();
    source.emit("SIGHUP");
    expect(signals.interrupt.reason).toEqual(new Interrupted("SIGHUP"));
    source.emit("SIGHUP");
    expect(kills).toEqual([]);
    source.emit("SIGTERM");
    expect(kills).toEqual(["SIGTERM"]);
  });

  test("all go to the handler, SIGHUP included, and interrupt nothing until it is removed", () => {
    const { source, signals, kills } = setUp();
    const taken: Signal[] = [];
    const release = signals.take((signal) => taken.push(signal));
    for (const signal of ["SIGINT", "SIGINT", "SIGHUP", "SIGTERM"]) source.emit(signal);
    expect(taken).toEqual(["SIGINT", "SIGINT", "SIGHUP", "SIGTERM"]);
    expect(signals.interrupt.aborted).toBe(false);
    release();
    source.emit("SIGINT");
    expect(signals.interrupt.aborted).toBe(true);
    expect(kills).toEqual([]);
  });
});

function setUp() {
  const kills: Signal[] = [];
  const source = Object.assign(new EventEmitter(), {
    pid: 1,
    kill: (_pid: number, signal: Signal) => kills.push(signal),
  });
  return { source, signals: new Signals(source), kills };
}
