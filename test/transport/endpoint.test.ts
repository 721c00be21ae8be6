import { parseEndpoint } from "../../src/transport/endpoint";

describe("an endpoint", () => {
  test.each([
    ["127.0.0.1:2379", "127.0.0.1", 2379, false, "127.0.0.1"],
    ["http://etcd:2379", "etcd", 2379, false, "etcd"],
    ["https://etcd.example:2379", "etcd.example", 2379, true, "etcd.example"],
    ["HTTPS://etcd:2379/path?query", "etcd", 2379, true, "etcd"],
    ["[::1]:2379", "::1", 2379, false, "::1"],
    ["https://[::1]:2379", "::1", 2379, true, "::1"],
    [":2379", "localhost", 2379, false, "localhost"],
  ])("%s has a host and a port", (typed, host, port, secure, serverName) => {
    expect(parseEndpoint(typed, false)).toEqual({
      typed,
      address: { kind: "tcp", host, port },
      secure,
      serverName,
    });
  });

  test.each([
    ["unix:///run/etcd.sock:1", "/run/etcd.sock:1", false, "etcd.sock"],
    ["unix://localhost:2379", "localhost:2379", false, "localhost"],
    ["unix:etcd.sock", "etcd.sock", false, "etcd.sock"],
    ["unixs:///run/m0", "/run/m0", true, "m0"],
  ])("%s is a unix socket", (typed, path, secure, serverName) => {
    expect(parseEndpoint(typed, false)).toEqual({
      typed,
      address: { kind: "unix", path },
      secure,
      serverName,
    });
  });

  test.each([
    ["etcd:2379", true],
    ["unix:etcd.sock", true],
    ["https://etcd:2379", true],
    ["http://etcd:2379", false],
  ])("%s with a TLS option has secure=%s", (typed, secure) => {
    expect(parseEndpoint(typed, true)).toMatchObject({ secure });
  });

  test.each([
    ["etcd", "has no port", "write etcd:2379"],
    ["http://etcd/", "has no port", "write http://etcd:2379"],
    ["http://", "has no host and no port", "write HOST:2379"],
    ["etcd:2379/path", '"2379/path" is not a port number', "write HOST:2379"],
    ["etcd:66000", '"66000" is not a port number', "write HOST:2379"],
    ["::1:2379", "too many colons", "write an IPv6 address in brackets: [::1]:2379"],
    ["ftp://etcd:2379", "unknown scheme ftp://", "use http://, https://, unix:// or unixs://"],
    ["unix://", "has no path", "write unix://PATH"],
  ])("%s is refused with advice on what to write", (typed, problem, advice) => {
    expect(parseEndpoint(typed, false)).toEqual({ typed, problem, advice });
  });
});
