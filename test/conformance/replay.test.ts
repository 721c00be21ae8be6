import { inOrder } from "./replay";

const difference = { step: "member add", what: "stdout", recorded: "added", now: "another order" };

test("a step that lacks the value of a step that differed does not hide the difference", async () => {
  const run = (step: "differs" | "lacks a value" | "never runs") => {
    if (step === "differs") return Promise.resolve([difference]);
    return Promise.reject(new Error("{{member_id:1:hex}} has no value yet"));
  };
  expect(await inOrder(["differs", "lacks a value", "never runs"], run)).toEqual([difference]);
});

test("a step that cannot run in a case without differences is an error", async () => {
  const run = () => Promise.reject(new Error("no background program watch"));
  await expect(inOrder(["await watch"], run)).rejects.toThrow("no background program watch");
});
