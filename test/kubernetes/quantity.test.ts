// The results are those of resource.ParseQuantity(text).String() in k8s.io/apimachinery 0.37.
import { canonicalQuantity } from "../../src/kubernetes/quantity";

const results: readonly (readonly [string, string | undefined])[] = [
  ["0", "0"],
  ["0.5", "500m"],
  ["1000m", "1"],
  ["1024Mi", "1Gi"],
  ["1000Mi", "1000Mi"],
  ["1.5Gi", "1536Mi"],
  ["0.5Ki", "512"],
  ["0.25", "250m"],
  ["100", "100"],
  ["1000", "1k"],
  ["1024", "1024"],
  ["1e3", "1e3"],
  ["12e2", "1200"],
  ["1500e-3", "1500e-3"],
  ["+5k", "+5k"],
  ["-5.5", "-5500m"],
  ["-1Ki", "-1Ki"],
  ["-2Ki", "-2Ki"],
  ["1n", "1n"],
  ["0.1n", "1n"],
  ["100E", "100E"],
  ["100Ei", "9223372036854775807"],
  [".5", "500m"],
  ["5.", "5."],
  ["", undefined],
  ["1 Gi", undefined],
  ["Gi", undefined],
  ["1.2.3", undefined],
  ["1KB", undefined],
];

test.each(results)("the quantity %j becomes %j", (text, result) => {
  expect(canonicalQuantity(text)).toBe(result);
});
