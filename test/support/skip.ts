// Skipped tests give their reason in the title; test/support/skip-reporter.cjs prints it at the end of the run.

/** test(), or a skipped test when there is a `reason`. */
export function testUnless(reason: string | undefined, title: string, body: () => Promise<void>): void {
  if (reason === undefined) test(title, body);
  else test.skip(`${title} (skipped: ${reason})`, body);
}

/** describe(), or one skipped test when there is a `reason`: `body` may need what is missing. */
export function describeUnless(reason: string | undefined, title: string, body: () => void): void {
  if (reason === undefined) describe(title, body);
  else describe(title, () => test.skip(`all tests (skipped: ${reason})`, () => undefined));
}

export const notLinux = process.platform === "linux" ? undefined : "only Linux can run it";

/** `allowPartialTrustChain` of Node came with 20.18. */
export const noPartialChains =
  process.version.startsWith("v20.") && Number(process.versions.node.split(".")[1]) < 18
    ? "before 20.18, Node trusts only an authority without an issuer"
    : undefined;
