// Fills a server of version 2 and reads what clients see of it, for comparisons of two servers.
import { httpRequest } from "../../../support/http-request";

async function ask(url: string, method = "GET", json?: object) {
  const headers = { "Content-Type": "application/json" };
  const body = json === undefined ? undefined : JSON.stringify(json);
  const answer = await httpRequest({ url, method, headers, body });
  // The time that is left differs from request to request.
  const text = answer.body.toString().replace(/"ttl":\d+/g, '"ttl":"…"');
  return { status: answer.status, index: answer.headers["x-etcd-index"], body: text };
}

export async function changeEverything(url: string): Promise<void> {
  const keys = `${url}/v2/keys`;
  await ask(`${keys}/a?value=1`, "PUT");
  await ask(`${keys}/d/e?value=%3C%C3%BC%3E`, "PUT");
  await ask(`${keys}/d/_hidden?value=3`, "PUT");
  await ask(`${keys}/t?value=4&ttl=3600`, "PUT");
  await ask(`${keys}/t?ttl=7200&refresh=true&prevExist=true`, "PUT");
  await ask(`${keys}/q?value=5`, "POST");
  await ask(`${keys}/a?value=6&prevValue=1`, "PUT");
  await ask(`${keys}/a?value=7&prevValue=no`, "PUT");
  await ask(`${keys}/a/below?value=8`, "PUT");
  await ask(`${keys}/gone?value=9`, "PUT");
  await ask(`${keys}/gone`, "DELETE");
  await ask(`${url}/v2/auth/roles/r`, "PUT", {
    role: "r",
    permissions: { kv: { read: ["/*"], write: null } },
  });
  await ask(`${url}/v2/auth/users/u`, "PUT", { user: "u", password: "p", roles: ["r"] });
}

export async function stateOf(url: string) {
  const history: unknown[] = [];
  for (let index = 4; index <= 10; index++) {
    history.push((await ask(`${url}/v2/keys?wait=true&recursive=true&waitIndex=${index}`)).body);
  }
  return {
    keys: await ask(`${url}/v2/keys?recursive=true&sorted=true`),
    hidden: await ask(`${url}/v2/keys/d/_hidden`),
    users: await ask(`${url}/v2/auth/users/u`),
    members: (await ask(`${url}/v2/members`)).body,
    history,
  };
}
