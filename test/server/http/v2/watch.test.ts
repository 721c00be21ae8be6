// Watches of version 2 over HTTP: one connection waits while another changes keys.
import http from "node:http";
import { startEmbeddedServer, type EmbeddedServer } from "../../../../src/server/server";
import { httpRequest } from "../../../support/http-request";
import { until } from "../../../support/until";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ enableV2: true });
});
afterEach(() => server.stop());

const put = (key: string, value: string) => change("PUT", `${key}?value=${value}`);
const change = async (method: string, path: string) => {
  const { body } = await httpRequest({ url: `${server.endpoint}/v2/keys${path}`, method });
  return JSON.parse(body.toString()) as { node: { modifiedIndex: number } };
};

/** Resolves when the response's headers have come: then the server waits. */
async function watch(path: string) {
  const lines: string[] = [];
  let isOver = false;
  const request = http.get(`${server.endpoint}/v2/keys${path}`, { agent: false });
  const response = await new Promise<http.IncomingMessage>((resolve) => request.once("response", resolve));
  let rest = "";
  response.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  response.on("close", () => (isOver = true));
  return {
    lines,
    events: () =>
      lines.map((line) => {
        const { action, node } = JSON.parse(line) as { action: string; node: { key: string } };
        return `${action} ${node.key}`;
      }),
    headers: response.headers,
    isOver: () => isOver,
    close: () => request.destroy(),
  };
}

test("a watch ends with the first change of its key", async () => {
  const watching = await watch("/a?wait=true");
  expect(watching.headers).toMatchObject({ "x-etcd-index": "3", "content-type": "application/json" });
  await put("/b", "1");
  await put("/a", "1");
  await until("the watch is over", watching.isOver);
  expect(watching.lines).toEqual([
    '{"action":"set","node":{"key":"/a","value":"1","modifiedIndex":5,"createdIndex":5}}',
  ]);
});

test("a recursive stream gets each change below its directory, but none of hidden keys", async () => {
  const watching = await watch("/d?wait=true&recursive=true&stream=true");
  await put("/d/x", "1");
  await put("/d/_hidden", "1");
  await put("/other", "1");
  await put("/d/e/f", "1");
  await change("DELETE", "/d?recursive=true");
  await until("the deletion has come", () => watching.lines.length >= 3);
  expect(watching.events().slice(0, 3)).toEqual(["set /d/x", "set /d/e/f", "delete /d"]);
  expect(watching.isOver()).toBe(false);
  watching.close();
});

test("the watch of a key sees that its directory is deleted", async () => {
  await put("/d/e", "1");
  const watching = await watch("/d/e?wait=true");
  await change("DELETE", "/d?recursive=true");
  await until("the watch is over", watching.isOver);
  expect(watching.events()).toEqual(["delete /d"]);
});

test("a refresh of the TTL wakes no watch", async () => {
  await put("/a", "1&ttl=100");
  const watching = await watch("/a?wait=true");
  await change("PUT", "/a?ttl=100&refresh=true&prevExist=true");
  await put("/a", "2");
  await until("the watch is over", watching.isOver);
  expect(watching.lines[0]).toContain('"value":"2"');
});

test("a client that disconnects leaves no watcher behind", async () => {
  const watching = await watch("/a?wait=true&recursive=true&stream=true");
  const watchers = async () => {
    const { body } = await httpRequest({ url: `${server.endpoint}/v2/stats/store` });
    return (JSON.parse(body.toString()) as { watchers: number }).watchers;
  };
  expect(await watchers()).toBe(1);
  watching.close();
  await until("the watcher is gone", async () => (await watchers()) === 0);
});

test("a watch that waits does not delay the stop of the server", async () => {
  const watching = await watch("/a?wait=true");
  await server.stop();
  await until("the watch is over", watching.isOver);
  expect(watching.lines).toEqual([]);
});

test("a watch from an index whose event is forgotten is refused", async () => {
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 1001; i++) {
    await new Promise<void>((resolve) => {
      const request = http.request(`${server.endpoint}/v2/keys/a?value=${i}`, { method: "PUT", agent });
      request.end().once("response", (response) => response.resume().once("end", resolve));
    });
  }
  agent.destroy();
  const { status, body } = await httpRequest({ url: `${server.endpoint}/v2/keys/a?wait=true&waitIndex=4` });
  expect([status, body.toString()]).toEqual([
    400,
    '{"errorCode":401,"message":"The event in requested index is outdated and cleared",' +
      '"cause":"the requested history has been cleared [5/4]","index":1004}\n',
  ]);
});

test("without enableV2 there are no pages of version 2", async () => {
  await using plain = await startEmbeddedServer();
  const { status } = await httpRequest({ url: `${plain.endpoint}/v2/keys` });
  expect(status).toBe(404);
});
