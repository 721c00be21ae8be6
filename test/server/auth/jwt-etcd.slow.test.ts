// Signed tokens and a real etcd with the same key: each accepts the tokens of the other.
import { connect } from "../../../src/client/library/client";
import { systemClock } from "../../../src/clock";
import { createTokens } from "../../../src/server/auth/tokens";
import { httpRequest } from "../../support/http-request";
import { writeJwtKeys } from "../../support/jwt-keys";
import { describeWithEtcd, startEtcd } from "../../support/real-etcd";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
describeWithEtcd("3.5", "tokens signed by etcd 3.5 and by us", () => {
  test.each(["RS256", "PS384", "ES256", "HS512"])("with %s count for both", async (method) => {
    const { priv, pub } = writeJwtKeys(folder(), method);
    const type = `jwt,sign-method=${method},priv-key=${priv}${method.startsWith("HS") ? "" : `,pub-key=${pub}`},ttl=10m`;
    const ours = createTokens({ clock: systemClock, type });

    await using etcd = await startEtcd("3.5", { flags: () => ["--auth-token", type] });
    const client = await connect({ endpoints: etcd.endpoints });
    await client.auth.userAdd({ name: "root", password: "pw" });
    await client.auth.roleAdd({ name: "root" });
    await client.auth.userGrantRole({ user: "root", role: "root" });
    await client.auth.authEnable({});
    const { token } = await client.auth.authenticate({ name: "root", password: "pw" });
    const owner = ours.ownerOf(token, 0n);
    expect(owner?.user).toBe("root");

    const put = async (authorization: string) => {
      const body = JSON.stringify({ key: "YQ==" });
      const url = `http://${etcd.endpoints[0] ?? ""}/v3/kv/put`;
      return (await httpRequest({ url, method: "POST", headers: { authorization }, body })).status;
    };
    const signed = (revision: bigint) =>
      ours.assign({ user: "root", revision, simplePrefix: "", raftIndex: 0n });
    expect(await put(signed(owner?.revision ?? 0n))).toBe(200);
    expect(await put(signed(1n))).toBe(400);
    expect(await put(`${signed(owner?.revision ?? 0n)}x`)).toBe(401);
    await client.close();
  });
});
