// The tests of the transport once more, with grpc-js (`ETCDCTL_TRANSPORT=grpc-js`).
import { openTransport } from "../../../src/transport/open";
import { systemClock } from "../../../src/clock";
import { describeTransport } from "../support/open-for-test";

describeTransport("grpc-js", () => {
  /* eslint-disable @typescript-eslint/no-require-imports */
  describe("calls", () => void require("../calls.test"));
  describe("endpoints", () => void require("../endpoints.test"));
  describe("diagnosis", () => void require("../diagnosis/diagnose.test"));
});

test("an unknown implementation is refused with the names of those that there are", async () => {
  const options = { endpoints: ["127.0.0.1:1"], clock: systemClock, env: { ETCDCTL_TRANSPORT: "grpc" } };
  await expect(openTransport(options)).rejects.toThrow(
    'ETCDCTL_TRANSPORT is "grpc", and it can be own or grpc-js',
  );
});
