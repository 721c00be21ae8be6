// The /metrics page on the client port.
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests } from "../../support/requests";
import { httpRequest } from "../../support/http-request";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

describe("/metrics", () => {
  const metrics = async () => {
    const { status, headers, body } = await httpRequest({ url: `${server.endpoint}/metrics` });
    expect([status, headers["content-type"]]).toEqual([
      200,
      expect.stringContaining("text/plain; version=0.0.4"),
    ]);
    return body.toString();
  };

  test("The values are current and have etcd's names.", async () => {
    const requests = new Requests(server.client());
    await requests.put("a", "");
    await requests.put("b", "");
    await server.client().lease.leaseGrant({ ID: 0n, TTL: 100n });
    const page = await metrics();
    expect(page).toMatch(/^etcd_debugging_mvcc_keys_total 2$/m);
    expect(page).toMatch(/^etcd_debugging_mvcc_current_revision 3$/m);
    expect(page).toMatch(/^etcd_debugging_server_leases_total 1$/m);
    expect(page).toMatch(/^etcd_server_version\{server_version="3\.7\.1"\} 1$/m);
    expect(page).toMatch(/^process_resident_memory_bytes [1-9]\d*$/m);
    await requests.del("a");
    expect(await metrics()).toMatch(/^etcd_debugging_mvcc_keys_total 1$/m);
  });

  test("Every line has Prometheus' format, and every metric a type.", async () => {
    for (const line of (await metrics()).trimEnd().split("\n")) {
      expect(line).toMatch(/^(# HELP \w+ .+|# TYPE \w+ (gauge|counter)|\w+(\{\w+="[^"]*"\})? [-\d.e+]+)$/);
    }
  });

  test("has_leader becomes 0 after a second voter is added.", async () => {
    expect(await metrics()).toMatch(/^etcd_server_has_leader 1$/m);
    const peerURLs = ["http://127.0.0.1:1"];
    await server.client().cluster.memberAdd({ peerURLs, isLearner: false });
    expect(await metrics()).toMatch(/^etcd_server_has_leader 0$/m);
  });
});
