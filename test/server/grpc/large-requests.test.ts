// Large requests that come in part share the room of their connection.
import { LargeRequests } from "../../../src/server/grpc/large-requests";

function withRoomFor(maxBytes: number) {
  const requests = new LargeRequests(maxBytes);
  const letIn: string[] = [];
  const enter = (name: string, sizeBytes: number) => requests.enter(sizeBytes, () => void letIn.push(name));
  return { enter, letIn };
}

test("a request is let in at once while there is room, and later when others have come", () => {
  const { enter, letIn } = withRoomFor(100);
  const leaveFirst = enter("first", 60);
  const leaveSecond = enter("second", 60);
  enter("third", 60);
  expect(letIn).toEqual(["first"]);
  leaveFirst();
  expect(letIn).toEqual(["first", "second"]);
  leaveSecond();
  expect(letIn).toEqual(["first", "second", "third"]);
});

test("a small request does not pass a large one that waits", () => {
  const { enter, letIn } = withRoomFor(100);
  const leave = enter("first", 60);
  enter("large", 90);
  enter("small", 10);
  expect(letIn).toEqual(["first"]);
  leave();
  expect(letIn).toEqual(["first", "large", "small"]);
});

test("a request above the room is let in alone", () => {
  const { enter, letIn } = withRoomFor(100);
  const leave = enter("huge", 1000);
  enter("next", 10);
  expect(letIn).toEqual(["huge"]);
  leave();
  expect(letIn).toEqual(["huge", "next"]);
});

test("a request that is canceled while it waits is forgotten, and leaves twice without harm", () => {
  const { enter, letIn } = withRoomFor(100);
  const leave = enter("first", 60);
  const cancel = enter("canceled", 60);
  cancel();
  cancel();
  enter("next", 60);
  leave();
  leave();
  expect(letIn).toEqual(["first", "next"]);
});
