// Commands that wait for something else than one response: what they print when no member can be reached.
import { deadEndpoint } from "../support/ports";
import { runMain } from "../support/run-main";
import { withLongerDeadline } from "../support/until";

test.each([
  [["lock", "l"], 1, "", "Error: context deadline exceeded\n"],
  [["elect", "e", "one"], 1, "", "Error: context deadline exceeded\n"],
  [["elect", "-l", "e"], 1, "", "Error: context deadline exceeded\n"],
  [
    ["lease", "keep-alive", "1"],
    0,
    "lease 0000000000000001 expired or revoked.\n",
    "hint: the lease could not be renewed: context deadline exceeded\n",
  ],
])("%j ends after the command timeout and names the cause", async (words, exit, stdout, first) => {
  const endpoint = await deadEndpoint();
  const hint = `hint: ${endpoint}: connection refused; start etcd there or correct --endpoints\n`;
  await withLongerDeadline(1000, async (ms) => {
    const ran = await runMain(["--endpoints", endpoint, `--command-timeout=${ms}ms`, ...words]);
    expect(ran).toMatchObject({ exit, stdout, stderr: first + hint });
  });
});
