// The recorded transcripts, our program against our server: what real etcdctl and etcd print, ours print.
// `npm run conformance` replays them against other clients and servers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeCertificates } from "../support/certificates";
import { program } from "../support/etcdctl";
import { caseId, loadCases } from "./case";
import { replay, type Certificates } from "./replay";
import { select } from "./selection";

const cases = select(loadCases(path.resolve("test/conformance/cases")), {
  clientVersion: "3.7",
  embedded: true,
  only: [],
  skip: [],
});
const etcdctl = [process.execPath, program];
const programs = { etcdctl, etcdutl: [], server: [...etcdctl, "serve"] };

let certificates: Certificates;
beforeAll(() => {
  const dir = mkdtempSync(path.join(tmpdir(), "etcdctl-certs-"));
  certificates = { dir, named: makeCertificates(dir) };
});
afterAll(() => rmSync(certificates.dir, { recursive: true, force: true }));

test.each(cases.map((recorded) => [caseId(recorded), recorded] as const))("%s", async (_, recorded) => {
  expect(await replay(recorded, programs, certificates)).toEqual([]);
});
