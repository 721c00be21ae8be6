import { parseUrls, withPort } from "../../../src/server/cluster/urls";

const one = (text: string) => parseUrls([text])[0];

describe("URLs in the server's flags", () => {
  test("A URL has a host and a port.", () => {
    expect(one(" https://127.0.0.1:2379 ")).toEqual({
      text: "https://127.0.0.1:2379",
      secure: true,
      address: { host: "127.0.0.1", port: 2379 },
    });
    expect(one("http://[::1]:0")?.address).toEqual({ host: "::1", port: 0 });
  });

  test("A unix URL has a path, even one that looks like host and port.", () => {
    expect(one("unix:///run/etcd.sock")?.address).toEqual({ path: "/run/etcd.sock" });
    expect(one("unixs://localhost:2379")).toMatchObject({
      secure: true,
      address: { path: "localhost:2379" },
    });
    expect(one("unix:relative")?.address).toEqual({ path: "relative" });
  });

  test("A URL may have a user, a query or a port that is too large, and its scheme is written in lower case.", () => {
    expect(one("HTTP://me@a:99999?x")).toEqual({
      text: "http://me@a:99999?x",
      secure: false,
      address: { host: "a", port: 99999 },
    });
  });

  test.each([
    ["http://a:x", 'parse "http://a:x": invalid port ":x" after host'],
    ["a:1", "URL scheme must be http, https, unix, or unixs: a:1"],
    ["unix://a:x", 'parse "unix://a:x": invalid port ":x" after host'],
    ["1.2.3.4:1", 'parse "1.2.3.4:1": first path segment in URL cannot contain colon'],
  ])("%s is refused with the text of Go's parser.", (text, message) => {
    expect(() => parseUrls([text])).toThrow(message);
  });

  test("withPort replaces port 0 by the chosen port.", () => {
    const url = one("http://127.0.0.1:0");
    expect(url && withPort(url, 40123).text).toBe("http://127.0.0.1:40123");
  });
});
