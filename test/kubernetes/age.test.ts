import { humanDuration } from "../../src/kubernetes/age";

const [minute, hour, day] = [60, 3600, 86400];

// What HumanDuration of the Go module k8s.io/apimachinery prints.
test.each([
  [-5, "<invalid>"],
  [-1.5, "0s"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [125, "2m5s"],
  [10 * minute + 5, "10m"],
  [3 * hour, "3h"],
  [3 * hour + 5 * minute, "3h5m"],
  [8 * hour + minute, "8h"],
  [2 * day, "2d"],
  [2 * day + 4 * hour, "2d4h"],
  [8 * day + hour, "8d"],
  [729 * day, "729d"],
  [730 * day, "2y"],
  [800 * day, "2y70d"],
  [3000 * day, "8y"],
])("%d seconds are %s", (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});
