// The output formats that Go's etcdutl does not have.
import { reportPrinter } from "../../src/commands/report-printer";

const answer = {
  fields: [
    { title: "hash", fieldName: "Hash", jsonName: "hash", value: 4, shown: "4a" },
    { title: "total keys", fieldName: "Keys", jsonName: "totalKey", value: 7 },
    { title: "version", fieldName: "Version", jsonName: "version", value: "3.5" },
  ],
};

test("the status of a snapshot is printed as yaml and jsonl", () => {
  expect(Buffer.from(reportPrinter("yaml")(answer)).toString()).toBe(
    '---\nhash: 4\ntotal_key: 7\nversion: "3.5"\n',
  );
  expect(Buffer.from(reportPrinter("jsonl")(answer)).toString()).toBe(
    '{"hash":4,"total_key":7,"version":"3.5"}\n',
  );
});
