// Replays the recorded transcripts of real etcdctl and etcd with our client and the embedded server.
// `npm run conformance` replays them with other clients and servers.
import path from "node:path";
import { makeCertificates } from "../support/certificates";
import { programWords } from "../support/etcdctl";
import { sharedFolder } from "../support/work-folder";
import { caseId, loadCases } from "./case";
import { replay } from "./replay";
import { notEmbedded, notOurVersion2, select } from "./selection";

const all = loadCases(path.resolve("test/conformance/cases"));
const latest = select(all, { only: [], skip: notEmbedded(), maxMembers: 1 }).filter(({ recorded }) =>
  recorded.client.startsWith("3.7."),
);
const version2 = select(all, { only: ["v2/*", "v2http/*"], skip: notOurVersion2(), maxMembers: 1 });
const cases = [...latest, ...version2];
const etcdctl = programWords("etcdctl");
const etcdutl = programWords("etcdutl");
const programs = { etcdctl, etcdutl, server: [...etcdctl, "serve"] };

const dir = sharedFolder();
const certificates = { dir, named: makeCertificates(dir) };

test.each(cases.map((recorded) => [caseId(recorded), recorded] as const))("%s", async (_, recorded) => {
  expect(await replay(recorded, programs, certificates)).toEqual([]);
});
