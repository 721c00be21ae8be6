// Metrics of the calls on the client port.
// Go: go-grpc-middleware/providers/prometheus, server/etcdserver/api/v3rpc/metrics.go, server/etcdserver/api/etcdhttp/health.go
import { StatusCode } from "../../../errors";
import type { EtcdServer } from "../../member/etcd-server";
import type { MethodMetrics } from "../../metrics/method-metrics";
import {
  counted,
  counter,
  gauge,
  histogramSamples,
  labelled,
  labelsOf,
  type Family,
  type Labels,
  type Sample,
} from "./family";

const kinds = { unary: "unary", serverStream: "server_stream", duplex: "bidi_stream" } as const;
const codes = Object.entries(StatusCode).sort(([a], [b]) => (a < b ? -1 : 1));

function labelsOfMethod({ path, kind }: MethodMetrics): Labels {
  const [, service = "", method = ""] = path.split("/");
  return { grpc_method: method, grpc_service: service, grpc_type: kinds[kind] };
}

/** etcd prints the services of locks and elections only after a call, the others from the start. */
function methodsOf({ metrics }: EtcdServer): MethodMetrics[] {
  const isShown = ({ path, started }: MethodMetrics) => started > 0 || !/^\/(v3|grpc\.reflection)/.test(path);
  return [...metrics.methods.values()].filter(isShown).sort((a, b) => (a.path < b.path ? -1 : 1));
}

const perMethod =
  (value: (method: MethodMetrics) => number) =>
  (server: EtcdServer): Sample[] =>
    methodsOf(server).map((method) => ({ labels: labelsOfMethod(method), value: value(method) }));

export const rpcFamilies: readonly Family[] = [
  labelled(
    "counter",
    "grpc_server_started_total",
    "Calls begun.",
    perMethod(({ started }) => started),
  ),
  labelled(
    "counter",
    "grpc_server_msg_received_total",
    "Messages received.",
    perMethod(({ received }) => received),
  ),
  labelled(
    "counter",
    "grpc_server_msg_sent_total",
    "Messages sent.",
    perMethod(({ sent }) => sent),
  ),
  labelled("counter", "grpc_server_handled_total", "Calls ended, by status code.", (server) =>
    codes.flatMap(([grpc_code, code]) =>
      methodsOf(server).map((method) => ({
        labels: { grpc_code, ...labelsOfMethod(method) },
        value: method.handled[code] ?? 0,
      })),
    ),
  ),
  {
    name: "grpc_server_handling_seconds",
    type: "histogram",
    help: "How long calls take. Only with extensive metrics.",
    samples: (server) =>
      methodsOf(server).flatMap((method) =>
        method.seconds === undefined ? [] : histogramSamples(method.seconds, labelsOfMethod(method)),
      ),
  },
  counter(
    "etcd_network_client_grpc_received_bytes_total",
    "Bytes of the messages that clients sent.",
    ({ metrics }) => metrics.receivedBytes,
  ),
  counter(
    "etcd_network_client_grpc_sent_bytes_total",
    "Bytes of the messages sent to clients.",
    ({ metrics }) => metrics.sentBytes,
  ),
  labelled(
    "counter",
    "etcd_server_client_requests_total",
    "Calls by the version of the client's API.",
    ({ metrics }) =>
      counted(["type", "client_api_version"], metrics.clientRequests).map(({ labels, value }) => ({
        labels: { client_api_version: labels?.client_api_version ?? "", type: labels?.type ?? "" },
        value,
      })),
  ),
  counter(
    "etcd_server_health_success",
    "Healthy answers of /health.",
    ({ metrics }) => metrics.healthSuccesses,
  ),
  counter(
    "etcd_server_health_failures",
    "Other answers of /health.",
    ({ metrics }) => metrics.healthFailures,
  ),
  labelled("gauge", "etcd_server_healthcheck", "The last result of each check: 1 or 0.", ({ metrics }) =>
    [...metrics.healthCheckPassed].map(([values, passed]) => ({
      labels: labelsOf(["name", "type"], values),
      value: passed ? 1 : 0,
    })),
  ),
  labelled("counter", "etcd_server_healthchecks_total", "Results of each check.", ({ metrics }) =>
    counted(["name", "status", "type"], metrics.healthChecks),
  ),
  gauge("promhttp_metric_handler_requests_in_flight", "Requests for this page that run.", () => 1),
  labelled("counter", "promhttp_metric_handler_requests_total", "Requests for this page.", ({ metrics }) =>
    ["200", "500", "503"].map((code) => ({ labels: { code }, value: code === "200" ? metrics.scrapes : 0 })),
  ),
];
