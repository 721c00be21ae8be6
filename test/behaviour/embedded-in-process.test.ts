// The behaviour suite on the embedded server without a socket, as offline mode and libraries use it.
import { startEmbeddedServer } from "../../src/server/server";
import { behavesAsEtcd } from "./suite";

behavesAsEtcd({
  version: "3.7",
  async start() {
    const server = await startEmbeddedServer({ listenClientUrls: [], auth: { bcryptCost: 4 } });
    return {
      client: server.client(),
      login: (user, password) => server.login(user, password),
      stop: () => server.stop(),
    };
  },
});
