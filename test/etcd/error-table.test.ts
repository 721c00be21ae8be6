import { EtcdError, StatusCode } from "../../src/errors";
import {
  errorFromStatus,
  isServerError,
  serverError,
  serverErrors,
  type ServerErrorName,
} from "../../src/etcd/error-table";

describe("the error table", () => {
  test("shows only the text of an error that etcd's client knows", () => {
    const error = errorFromStatus(
      StatusCode.OutOfRange,
      "etcdserver: mvcc: required revision has been compacted",
    );
    expect(error.message).toBe("etcdserver: mvcc: required revision has been compacted");
    expect(error.known).toBe(true);
    expect(isServerError(error, "compacted")).toBe(true);
  });

  test("shows any other status with its code, as Go does", () => {
    const error = errorFromStatus(StatusCode.Unavailable, "transport is closing");
    expect(error.message).toBe("rpc error: code = Unavailable desc = transport is closing");
    expect(error.known).toBe(false);
  });

  test("compares whole texts", () => {
    expect(errorFromStatus(StatusCode.Unknown, "etcdserver: no leader today").known).toBe(false);
  });

  test("gives a known text the code of the table", () => {
    expect(errorFromStatus(StatusCode.Unknown, "etcdserver: no leader").code).toBe(StatusCode.Unavailable);
  });

  test("shows the status of an error that Go's client does not translate", () => {
    expect(serverError("permissionNotGiven").message).toBe(
      "rpc error: code = InvalidArgument desc = etcdserver: permission not given",
    );
  });

  test("has one text per error", () => {
    const texts = Object.values(serverErrors).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    for (const name of Object.keys(serverErrors) as ServerErrorName[])
      expect(serverError(name)).toBeInstanceOf(EtcdError);
  });
});
