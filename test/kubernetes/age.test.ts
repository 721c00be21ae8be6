import { humanDuration } from "../../src/kubernetes/age";

const [minute, hour, day] = [60, 3600, 86400];

// What HumanDuration of the Go module k8s.io/apimachinery v0.37.2 printed.
test.each([
  [-5, "<invalid>"],
  [-2, "<invalid>"],
  [-1.5, "0s"],
  [-0.5, "0s"],
  [0, "0s"],
  [119.9, "119s"],
  [120, "2m"],
  [125, "2m5s"],
  [10 * minute - 1, "9m59s"],
  [10 * minute + 5, "10m"],
  [3 * hour - 1, "179m"],
  [3 * hour, "3h"],
  [3 * hour + 5 * minute, "3h5m"],
  [3 * hour + 59, "3h"],
  [8 * hour - minute, "7h59m"],
  [8 * hour + minute, "8h"],
  [2 * day - 1, "47h"],
  [2 * day, "2d"],
  [2 * day + 4 * hour, "2d4h"],
  [8 * day - 1, "7d23h"],
  [8 * day + hour, "8d"],
  [729 * day, "729d"],
  [730 * day - 1, "729d"],
  [730 * day, "2y"],
  [800 * day, "2y70d"],
  [2920 * day - 1, "7y364d"],
  [3000 * day, "8y"],
])("%d seconds are %s", (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});
