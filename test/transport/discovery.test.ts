import { discoverEndpoints, type SrvRecord } from "../../src/transport/discovery";

const record = (name: string, port = 2379, priority = 0): SrvRecord => ({ name, port, priority, weight: 0 });

function dns(zone: Record<string, SrvRecord[]>) {
  return (name: string) =>
    zone[name]
      ? Promise.resolve(zone[name])
      : Promise.reject(Object.assign(new Error(name), { code: "ENOTFOUND" }));
}

describe("discovery by DNS", () => {
  const resolveSrv = dns({
    "_etcd-client-ssl._tcp.example.com": [
      record("b.example.com", 2379, 2),
      record("a.example.com.", 2380, 1),
    ],
    "_etcd-client._tcp.example.com": [record("c.example.com")],
  });

  test("uses the endpoints with TLS by priority, and reports the ignored ones", async () => {
    expect(await discoverEndpoints({ domain: "example.com", resolveSrv })).toEqual({
      endpoints: ["https://a.example.com:2380", "https://b.example.com:2379"],
      ignored: ["http://c.example.com:2379"],
    });
  });

  test("uses all endpoints with --insecure-discovery", async () => {
    const { endpoints, ignored } = await discoverEndpoints({
      domain: "example.com",
      insecure: true,
      resolveSrv,
    });
    expect(endpoints).toHaveLength(3);
    expect(ignored).toEqual([]);
  });

  test("appends the service name", async () => {
    const named = dns({ "_etcd-client-ssl-blue._tcp.example.com": [record("blue.example.com")] });
    const { endpoints } = await discoverEndpoints({
      domain: "example.com",
      serviceName: "blue",
      resolveSrv: named,
    });
    expect(endpoints).toEqual(["https://blue.example.com:2379"]);
  });

  test("fails with both lookups when there is no record of either kind", async () => {
    await expect(discoverEndpoints({ domain: "nope.invalid", resolveSrv: dns({}) })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /^dns lookup errors: lookup _etcd-client-ssl\._tcp\.nope\.invalid.*: no such host and lookup _etcd-client\._tcp\.nope\.invalid.*: no such host$/,
      ) as string,
    });
  });
});
